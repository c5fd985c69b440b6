import AWS

/// Something that was made at some point in the world's history.
protocol Sequenced: Sendable {
    var sequence: Int { get }
}

extension SimulatedInstance: Sequenced {}
extension SimulatedVolume: Sequenced {}
extension SimulatedSnapshot: Sequenced {}
extension SimulatedImage: Sequenced {}
extension SimulatedLightsailSnapshot: Sequenced {}

/// A part of a list, and where the next one begins.
struct Page<Element: Sendable>: Sendable {
    var items: [Element]
    var token: String?
}

/// Cuts lists into pages whose tokens name the last item shown, so that what is made or deleted meanwhile neither
/// hides nor repeats another item.
enum Pager {
    private static let prefix = "page-after-"

    /// The items after `token`, at most `size` of them; nil if the token is none of ours.
    static func page<Element: Sequenced>(of items: [Element], after token: String?, size: Int?) -> Page<Element>? {
        guard let last = position(token) else { return nil }
        let rest = rest(of: items, after: last)
        let items = size.map { $0 < rest.count ? Array(rest.prefix($0)) : rest } ?? rest
        let token = items.count < rest.count ? items.last.map { "\(prefix)\($0.sequence)" } : nil
        return Page(items: items, token: token)
    }

    /// What is behind a position, in order: most often everything, and in order already.
    private static func rest<Element: Sequenced>(of items: [Element], after last: Int) -> [Element] {
        var previous = last
        for place in items.indices {
            guard previous < items[place].sequence else {
                return items.filter { $0.sequence > last }.sorted { $0.sequence < $1.sequence }
            }
            previous = items[place].sequence
        }
        return items
    }

    private static func position(_ token: String?) -> Int? {
        guard let token else { return 0 }
        guard token.hasPrefix(prefix) else { return nil }
        return Int(token.dropFirst(prefix.count))
    }
}

extension Refusal {
    /// EC2's page: sizes from 5 on, 1,000 at most, and never together with ids.
    ///
    /// The page is cut before the filters are applied, as AWS does: a page may be short or empty and not the last.
    func page<Element: Sequenced>(
        of items: [Element], ids: [String]?, idsParameter: String, size: Int?, token: String?
    ) throws(AWSError) -> Page<Element> {
        if ids != nil, size != nil || token != nil {
            throw self(
                "InvalidParameterCombination",
                "The parameter \(idsParameter) cannot be used with the parameter maxResults")
        }
        if let size, size < 5 {
            throw invalid(
                "Value ( \(size) ) for parameter maxResults is invalid. Expecting a value greater than or equal to 5.")
        }
        guard let page = Pager.page(of: items, after: token, size: size.map { min($0, 1000) }) else {
            throw invalid("Unable to parse pagination token")
        }
        return page
    }
}
