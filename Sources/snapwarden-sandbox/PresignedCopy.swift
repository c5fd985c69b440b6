import AWS
import BackupCore

/// The presigned URL that a copy of an encrypted snapshot carries, as the source region checks it.
///
/// Source: EC2 API reference, CopySnapshot, `PresignedUrl`; IAM User Guide, signature in the query.
struct PresignedCopy: Sendable {
    private let authority: String
    private let path: String
    private let query: String

    init(_ url: String) {
        let rest = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let address = rest[0].split(separator: "/", omittingEmptySubsequences: false).dropFirst(2)
        authority = address.first.map(String.init) ?? ""
        path = "/" + address.dropFirst().joined(separator: "/")
        query = rest.count > 1 ? String(rest[1]) : ""
    }

    /// Whether it asks for this copy, in the source region's scope, and is signed by these credentials and current.
    func isGood(for request: CopySnapshotRequest, in destination: Region, _ credentials: Credentials, _ now: Moment)
        -> Bool
    {
        let asked: [String: String] = [
            "Action": "CopySnapshot", "SourceRegion": request.sourceRegion,
            "SourceSnapshotId": request.sourceSnapshotId, "DestinationRegion": destination.rawValue,
            "X-Amz-Algorithm": SignatureV4.algorithm, "X-Amz-SignedHeaders": "host",
        ]
        guard asked.allSatisfy({ value($0.key) == $0.value }) else { return false }
        guard let signed = value("X-Amz-Date").flatMap({ Moment(compact: $0) }),
            let seconds = value("X-Amz-Expires").flatMap({ Int64($0) }),
            now >= signed - SignatureV4.allowedSkew, now <= signed + .seconds(seconds)
        else { return false }
        let signer = SignatureV4(credentials: credentials, region: Region(request.sourceRegion), service: "ec2")
        guard value("X-Amz-Credential") == "\(credentials.accessKeyID)/\(signer.scope(signed))" else { return false }
        return value("X-Amz-Signature").map { Hash.areEqual($0, signature(signer, at: signed)) } ?? false
    }

    private func signature(_ signer: SignatureV4, at date: Moment) -> String {
        let unsigned = query.split(separator: "&").filter { !$0.hasPrefix("X-Amz-Signature=") }
        let canonical = SignatureV4.canonicalRequest(
            method: "GET", path: path, query: unsigned.joined(separator: "&"),
            headers: SignedHeaders([Header("host", authority)]),
            payloadHash: Hash.hex(Hash.sha256([])))
        return signer.signature(of: canonical, at: date)
    }

    private func value(_ name: String) -> String? { (FormText.decode(query) ?? []).first { $0.0 == name }?.1 }
}
