import BackupCore

/// What a call makes something from: a manual snapshot by its name, or an automatic one of a resource by its date.
///
/// CopySnapshot, CreateInstancesFromSnapshot and CreateDiskFromSnapshot take it alike under names of their own.
struct LightsailSource {
    /// The parameter's name, and what it was given.
    let snapshot: (parameter: String, name: String?)
    let resource: (parameter: String, name: String?)
    let restoreDate: String?
    let useLatestRestorableAutoSnapshot: Bool?

    /// What the API would refuse in it, in the API's own words for the parameters; nil if nothing.
    var fault: String? {
        if snapshot.name != nil {
            let others = [
                resource.name.map { _ in resource.parameter }, restoreDate.map { _ in "restoreDate" },
                useLatestRestorableAutoSnapshot.map { _ in "useLatestRestorableAutoSnapshot" },
            ].compactMap { $0 }
            return others.isEmpty
                ? nil : "\(snapshot.parameter) and \(others.joined(separator: ", ")) exclude each other"
        }
        guard resource.name != nil else {
            return
                "one of \(snapshot.parameter) (a manual snapshot) and \(resource.parameter) (an automatic one) is needed"
        }
        switch (restoreDate, useLatestRestorableAutoSnapshot == true) {
        case (nil, false):
            return "\(resource.parameter) needs restoreDate or useLatestRestorableAutoSnapshot"
        case (_?, true):
            return "restoreDate and useLatestRestorableAutoSnapshot exclude each other"
        case (let date?, false) where !LightsailSource.isDate(date):
            return "restoreDate must be a date of the form YYYY-MM-DD, not \"\(date)\""
        default:
            return nil
        }
    }

    private static func isDate(_ text: String) -> Bool {
        text.count == 10 && Moment(rfc3339: text + "T00:00:00Z") != nil
    }
}

/// The names of Lightsail's resources.
enum LightsailResourceName {
    /// What the API would refuse in a name; nil if nothing.
    ///
    /// The model's pattern `\w[\w\-]*\w`, and the developer guide's 2 to 255 characters.
    static func fault(_ parameter: String, _ name: String) -> String? {
        let isWord: (Character) -> Bool = { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        let ends = name.first.map(isWord) == true && name.last.map(isWord) == true
        guard (2...255).contains(name.count), ends, name.allSatisfy({ isWord($0) || $0 == "-" }) else {
            return
                "\(parameter): 2 to 255 letters, digits, _ and -, beginning and ending with no hyphen; got \"\(name)\""
        }
        return nil
    }
}
