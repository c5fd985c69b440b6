/// What to do about a certificate that is not accepted, by OpenSSL's and libcurl's words for it.
enum CertificateRemedy {
    /// To be added to those words; empty if they are others.
    static func text(for detail: String) -> String {
        rows.first { detail.contains($0.words) }.map { ": \($0.remedy)" } ?? ""
    }

    /// Source: openssl-verification-options(1), "Diagnostics"; libcurl's lib/vtls/openssl.c.
    private static let rows: [(words: String, remedy: String)] = [
        ("has expired", "the server's owner must renew it, unless this machine's clock is wrong"),
        ("is not yet valid", "this machine's clock may be wrong"),
        ("does not match", other), ("no alternative certificate subject name matches", other),
        ("unable to get local issuer", stranger), ("unable to get issuer", stranger), ("self-signed", stranger),
        ("self signed", stranger), ("invalid CA certificate", forged), ("path length constraint", forged),
        ("permitted subtree violation", forged), ("certificate purpose", forged),
        ("error setting certificate", "AWS_CA_BUNDLE must name a file of certificates in PEM form"),
    ]

    private static let other =
        "something else answers in the place of AWS: look at the endpoint, the proxy and the name server"
    private static let stranger =
        "nobody whom this machine trusts vouches for it: install ca-certificates, or name the certificates of your own "
        + "authority in AWS_CA_BUNDLE"
    private static let forged = "one of those who vouch for it had no right to: do not trust this server"
}

extension TransportError {
    /// It does not help to try again.
    static let certificateRefused = "CertificateRefused"
}
