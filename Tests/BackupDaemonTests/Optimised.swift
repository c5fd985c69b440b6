/// Whether this is a release build: `packaging/test` runs the long tests in one.
#if DEBUG
    let isOptimised = false
#else
    let isOptimised = true
#endif
