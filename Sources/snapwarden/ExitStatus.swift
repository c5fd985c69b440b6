import ArgumentParser

/// How a command ended, as its exit code.
enum ExitStatus: Int32 {
    case done = 0
    case failed = 1
    case partlyDone = 2
    case invalidConfig = 10
    case stateInUse = 11
    case objectiveMissed = 12
    case usage = 64

    static let table = """
        EXIT STATUS
          0   done
          1   failed
          2   partly done: something failed, something succeeded
          10  the config or an expression is invalid
          11  the state directory is in use by another snapwarden
          12  an objective is missed (status)
          64  wrong usage
        """

    var code: ExitCode { ExitCode(rawValue) }
}
