package import BackupCore

/// Something that is brought about in AWS call by call: a restore, or its undoing.
///
/// Level-triggered like all that we do: each look tells what is left, whoever did the rest. So it goes on where it was
/// killed, and once it is done another run finds nothing to do.
package protocol RestoreWork: Sendable {
    var region: Region { get }
    /// What was chosen where nobody asked for anything, and what cannot be put back; a sentence each.
    var remarks: [String] { get }
    /// Whether it takes away: then that nothing is shown must be seen twice, as AWS may not show yet what there is.
    var isRemoval: Bool { get }
    /// - Throws: ``RestoreError`` if AWS could not be read, or what it shows cannot become what is wanted.
    func look() async throws(RestoreError) -> RestoreOutlook
}

extension RestoreWork {
    package var isRemoval: Bool { false }
}

/// What a look at AWS shows of a restore.
package struct RestoreOutlook: Sendable {
    /// What is there by now, for people: `instance blog-2 (running)`.
    package var there: [String] = []
    /// What AWS is at, and must end before all is done.
    package var waitsFor: String?
    /// The calls that are left, in their order.
    package var steps: [RestoreStep] = []

    package var isDone: Bool { waitsFor == nil && steps.isEmpty }

    package init() {}

    mutating func add(_ purpose: String, _ request: any RestoreRequest, isReady: Bool = true) {
        steps.append(RestoreStep(purpose: purpose, request: request, isReady: isReady))
    }

    /// The first that AWS is at is told.
    mutating func wait(for text: String) { waitsFor = waitsFor ?? text }
}

/// A call that a restore has yet to make.
///
/// Ids that AWS has yet to give stand in the angle brackets that no id holds: `<the volume of snap-1>`.
package struct RestoreStep: Sendable {
    /// What it does, for people: `create the volume of /dev/sdf`.
    package var purpose: String
    package var request: any RestoreRequest
    /// Whether it can be made now, whatever is waited for besides.
    package var isReady: Bool

    package var operation: Operation { type(of: request).operation }
}

/// Why a restore cannot be begun, or does not go on.
package enum RestoreError: Error, Sendable, Equatable {
    /// What was asked for cannot be: what is wrong, and what to do instead.
    case refused(String)
    /// A call to AWS failed.
    case failed(AWSError)
}

extension RestoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let text): text
        case .failed(let error): CloudError(error).description
        }
    }
}

/// Throws what AWS said as a restore's error.
func asked<Value>(_ body: () async throws(AWSError) -> Value) async throws(RestoreError) -> Value {
    do throws(AWSError) { return try await body() } catch { throw .failed(error) }
}

/// The same, of something that may not be there.
func found<Value>(_ body: () async throws(AWSError) -> Value) async throws(RestoreError) -> Value? {
    do throws(AWSError) { return try await body() } catch {
        if error.isNotFound { return nil } else { throw .failed(error) }
    }
}

/// The tag on whatever a restore makes, by which it is found again and removed.
enum RestoreTag {
    static let key = PointTags.prefix + "restore"
}

extension Resource {
    /// Whether a drill made it, of whatever fleet: it is nobody's to protect.
    var isOfDrill: Bool { tags[RestoreTag.key]?.hasPrefix("drill ") == true }
}

extension RestoreOrder {
    /// What whatever is made of a set is marked with: its id, and the names if any were asked for.
    ///
    /// By them one point can be restored several times. At most the 256 characters that a tag holds.
    func mark(of set: SetID) -> String {
        if let mark { return mark }
        guard !names.isEmpty else { return set.rawValue }
        let text = names.joined(separator: " ") + " " + set.rawValue
        guard text.unicodeScalars.count > 256 else { return text }
        return "as " + String(Hash.hex(Hash.sha256(Array(text.utf8))).prefix(40))
    }
}

/// Which marks are meant: that of one restore, or those of drills.
enum RestoreMarks: Sendable {
    case one(String)
    /// All that begin so, but for these.
    case beginning(String, except: Set<String>)

    func contains(_ mark: String?) -> Bool {
        guard let mark else { return false }
        switch self {
        case .one(let own): return mark == own
        case .beginning(let start, let kept): return mark.hasPrefix(start) && !kept.contains(mark)
        }
    }

    /// What finds them in EC2, and perhaps others with them: `*` and `?` stand for anything there.
    var filter: EC2Filter {
        switch self {
        case .one(let own): EC2Filter("tag:" + RestoreTag.key, [RestoreMarks.escaped(own)])
        case .beginning(let start, _): EC2Filter("tag:" + RestoreTag.key, [RestoreMarks.escaped(start) + "*"])
        }
    }

    private static func escaped(_ text: String) -> String {
        String(text.flatMap { "\\*?".contains($0) ? ["\\", $0] : [$0] })
    }
}
