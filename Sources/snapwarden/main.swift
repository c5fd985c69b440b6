import ArgumentParser
import CLinux

linux_return_large_buffers()
// Only a call: top-level code belongs to the main actor, and a handler written here would die on another queue.
Snapwarden.main(Arguments.all)
