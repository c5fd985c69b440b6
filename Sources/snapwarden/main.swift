import ArgumentParser
import CLinux

linux_return_large_buffers()
// Only a call: top-level code belongs to the main actor, and a handler written here would die on another queue.
// Not `CommandLine`: see `linux_argument`.
Snapwarden.main(
    (Int32(1)...).lazy.map(linux_argument).prefix { $0 != nil }.compactMap { $0.map(String.init(cString:)) })
