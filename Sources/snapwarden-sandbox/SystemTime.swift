import BackupCore
import Glibc

/// The system's real time, which tests move with faketime.
enum SystemTime {
    static var now: Moment { Moment(seconds: Int64(time(nil))) }
}

/// SIGTERM and SIGINT, held back from the moment this value is made until someone waits for them.
///
/// It must be made before other threads are, so that they inherit the mask (signal(7), pthread_sigmask(3)).
struct StopSignals {
    private var set = sigset_t()

    init() {
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Returns when one of them has come.
    func wait() {
        var set = set
        var signal: Int32 = 0
        while sigwait(&set, &signal) != 0 {}
    }
}
