import AWS
import BackupCore
import BackupDaemon
import BackupLedger
import CLinux
import Glibc
import Simulation

// A year of a thousand EC2 instances in ten regions, taken weekly, a hundred of them copied to another region: the real
// scheduler, runner, cloud and ledger on a simulated AWS and a virtual clock. Prints what the process holds after each month;
// exits with 1 if the year needed more than a tenth more or less than its first month, or did not come out as the rules say.

linux_line_buffer_stdout()
// As the daemon does.
linux_return_large_buffers()
var template = Array("/dev/shm/snapwarden-soak-XXXXXX".utf8CString)
guard mkdtemp(&template) != nil else { fatalError("no temporary folder") }
let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
let months = CommandLine.arguments.dropFirst().first.flatMap { Int64($0) } ?? 12
let year = try SoakYear(resources: 1000, folder: folder)
let isWell = year.live(months: months)
for suffix in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "lock"] { unlink(folder + "/" + suffix) }
rmdir(folder)
exit(isWell ? 0 : 1)
