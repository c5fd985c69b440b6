import ArgumentParser
import CLinux

// Not `CommandLine`: see `linux_argument`.
SandboxCommand.main(
    (Int32(1)...).lazy.map(linux_argument).prefix { $0 != nil }.compactMap { $0.map(String.init(cString:)) })
