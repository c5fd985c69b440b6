import CLinux

/// What the program was started with, without its name.
///
/// Not `CommandLine`: see `linux_argument`. Kept for the whole life of the process, whose main thread ends early and takes its
/// frames with it.
enum Arguments {
    static let all: [String] = (Int32(1)...).lazy.map(linux_argument).prefix { $0 != nil }
        .compactMap { $0.map(String.init(cString:)) }
}
