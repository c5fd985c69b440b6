package import BackupCore

/// Listens to nobody and tells nobody: for a daemon of which only what it does is of interest.
package struct Silence: EventSink, ServiceManager {
    package init() {}
    package func emit(_ event: Event) {}
    package func ready() {}
    package func reloading() {}
    package func stopping() {}
    package func alive() {}
    package func status(_ line: @autoclosure () -> String) {}
}
