import Glibc

/// A process that has no file descriptors left: libcurl then says only that it could not connect.
enum DescriptorShortage {
    /// What is added to an error; empty while there are some.
    static var text: String {
        let probe = dup(STDERR_FILENO)
        guard probe < 0 else {
            close(probe)
            return ""
        }
        guard errno == EMFILE || errno == ENFILE else { return "" }
        return errno == ENFILE
            ? ": the machine has no file descriptors left (sysctl fs.file-max)"
            : ": this process has no file descriptors left (LimitNOFILE= of its unit)"
    }
}
