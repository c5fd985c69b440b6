package import BackupCore
import Glibc

/// Notices that the zone database was updated under a running program.
///
/// `@unchecked Sendable`: used on the scheduler's turn alone.
package final class ZoneWatch: @unchecked Sendable {
    private let catalog: ZoneCatalog
    private var stamps: [String: ZoneCatalog.Stamp] = [:]

    package init(_ configuration: Configuration, catalog: ZoneCatalog = ZoneCatalog()) {
        self.catalog = catalog
        stamps = stamps(configuration)
    }

    /// The same config under the rules that the database holds now; nil while no zone of it means other moments.
    package func renewed(_ configuration: Configuration) -> Configuration? {
        let stamps = stamps(configuration)
        guard stamps != self.stamps else { return nil }
        self.stamps = stamps
        let reader = ZoneReader(catalog)
        // A file that is being replaced, or is gone, changes nothing.
        let renewed = configuration.withZones { reader.zone($0.name) ?? $0 }
        return renewed == configuration ? nil : renewed
    }

    private func stamps(_ configuration: Configuration) -> [String: ZoneCatalog.Stamp] {
        let names = Set(configuration.zones.map(\.name))
        return Dictionary(uniqueKeysWithValues: names.compactMap { name in catalog.stamp(name).map { (name, $0) } })
    }
}
