import BackupCore

/// How long a server asks to wait before the same call is made again.
enum RetryAfter {
    /// Seconds from now on; nil if the reply does not say, or says nothing that can be read.
    ///
    /// `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), which counts from the reply's own `Date`, and
    /// `x-amz-retry-after` in milliseconds (botocore, `retries/standard.py`).
    static func seconds(of reply: HTTPReply) -> Double? {
        if let milliseconds = reply[header: "x-amz-retry-after"].flatMap({ UInt32($0) }) {
            return Double(milliseconds) / 1000
        }
        guard let text = reply[header: "retry-after"] else { return nil }
        if let seconds = Double(text) { return seconds >= 0 ? seconds : nil }
        guard let until = Moment(httpDate: text), let date = reply[header: "date"].flatMap({ Moment(httpDate: $0) })
        else { return nil }
        return Double(max(0, (until - date).inSeconds))
    }
}
