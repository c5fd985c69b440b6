import BackupCore

/// The instance metadata service, by which EC2 gives an instance its role.
///
/// Version 2 alone: each question carries a token, which no forwarded request gets by accident. Version 1, which has
/// none, is asked only if `AWS_EC2_METADATA_V1_DISABLED=false` (or the profile's `ec2_metadata_v1_disabled = false`)
/// says so in as many words; botocore falls back to it unless it is told `true`.
/// Source: EC2 User Guide, "Use IMDSv2"; botocore's `InstanceMetadataFetcher`.
struct InstanceMetadata: Equatable, Sendable {
    /// With a slash at its end.
    let base: String
    /// Seconds for each question.
    let timeout: Int
    /// Of each question, without a pause.
    let attempts: Int
    let allowsVersion1: Bool

    private static let rolesPath = "latest/meta-data/iam/security-credentials/"

    /// Nil if it is switched off.
    init?(environment: [String: String], profile: [String: String]) throws(CredentialsError) {
        func setting(_ variable: String, _ key: String) -> String? {
            environment[variable].flatMap { $0.isEmpty ? nil : $0 } ?? profile[key].flatMap { $0.isEmpty ? nil : $0 }
        }
        func number(_ variable: String, _ key: String) throws(CredentialsError) -> Int {
            guard let text = setting(variable, key) else { return 1 }
            guard let number = Int(text), (1...1000).contains(number) else {
                throw CredentialsError("\(variable) (\(key) in a profile) is \"\(text)\": write a whole number from 1")
            }
            return number
        }
        guard environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() != "true" else { return nil }
        base = try InstanceMetadata.base(
            setting("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint"),
            mode: setting("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode"),
            usesIPv6: setting("AWS_IMDS_USE_IPV6", "imds_use_ipv6")?.lowercased() == "true")
        timeout = try number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout")
        attempts = try number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts")
        allowsVersion1 = setting("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")?.lowercased() == "false"
    }

    private static func base(
        _ given: String?, mode: String?, usesIPv6: Bool
    ) throws(CredentialsError) -> String {
        let mode = mode?.lowercased() ?? (usesIPv6 ? "ipv6" : "ipv4")
        guard ["ipv4", "ipv6"].contains(mode) else {
            throw CredentialsError("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is \"\(mode)\": write ipv4 or ipv6")
        }
        guard let given else { return mode == "ipv6" ? "http://[fd00:ec2::254]/" : "http://169.254.169.254/" }
        guard PlainURL(given) != nil else {
            throw CredentialsError("AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL like http://169.254.169.254/")
        }
        return given.hasSuffix("/") ? given : given + "/"
    }

    func fetch(_ transport: any Transport, now: Moment) async throws(CredentialsError) -> Credentials {
        let token = try await token(transport)
        let list = try await answer(InstanceMetadata.rolesPath, token, transport) { $0.isEmpty ? nil : $0 }
        let role = String(decoding: list, as: UTF8.self).trimmingBlanks
        guard role.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+=,.@_-".contains($0)) }) else {
            throw fault("it names a role that is none")
        }
        let document = try await answer(InstanceMetadata.rolesPath + role, token, transport) { CredentialDocument($0) }
        if let code = document.code, code != "Success" {
            throw fault("it has no credentials for the role \(role): \(code.prefix { $0.isLetter })")
        }
        do throws(CredentialsError) {
            return try document.credentials(needsEnd: true).prolonged(now, by: .random(in: 120...600))
        } catch {
            throw fault("its answer \(error)")
        }
    }

    /// A session's token; nil for version 1.
    private func token(_ transport: any Transport) async throws(CredentialsError) -> String? {
        var reason = "it gives no token for version 2"
        for _ in 1...attempts {
            var request = request(.put, "latest/api/token")
            request.headers.append(Header("x-aws-ec2-metadata-token-ttl-seconds", "21600"))
            do throws(TransportError) {
                let reply = try await transport.send(request)
                let text = String(decoding: reply.body, as: UTF8.self)
                if reply.status == 200, !text.isEmpty, !text.contains(where: \.isNewline) { return text }
                reason = "it gives no token for version 2 (HTTP \(reply.status))"
                if (400..<500).contains(reply.status) { break }
            } catch {
                if error.code == AWSError.cancelled { throw CredentialsError("cancelled", isCancellation: true) }
                reason = error.message
            }
        }
        guard allowsVersion1 else { throw fault(reason) }
        return nil
    }

    /// What `read` makes of a good answer; nil has the question asked again.
    private func answer<Answer>(
        _ path: String, _ token: String?, _ transport: any Transport, read: ([UInt8]) -> Answer?
    ) async throws(CredentialsError) -> Answer {
        var reason = "it does not answer"
        for _ in 1...attempts {
            var request = request(.get, path)
            if let token { request.headers.append(Header("x-aws-ec2-metadata-token", token)) }
            do throws(TransportError) {
                let reply = try await transport.send(request)
                if reply.status == 200, let answer = read(reply.body) { return answer }
                reason =
                    reply.status == 404 ? "this instance has no role" : "it answers /\(path) with HTTP \(reply.status)"
                if reply.status == 200 { reason = "its answer to /\(path) cannot be read" }
            } catch {
                if error.code == AWSError.cancelled { throw CredentialsError("cancelled", isCancellation: true) }
                reason = error.message
            }
        }
        throw fault(reason)
    }

    private func request(_ method: HTTPRequest.Method, _ path: String) -> HTTPRequest {
        var request = HTTPRequest(method, url: base + path, headers: [])
        request.timeout = timeout
        request.isDirect = true
        return request
    }

    private func fault(_ reason: String) -> CredentialsError {
        CredentialsError(
            "the instance metadata service \(base): \(reason); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, write a "
                + "profile into one of these files, or give the instance a role")
    }
}

extension Credentials {
    /// The same; with an end 15 min and some seconds ahead if theirs is nearer or past.
    ///
    /// When the service behind EC2 has trouble, it hands out old credentials, which EC2 then goes on accepting.
    /// Source: botocore's `_evaluate_expiration`.
    fileprivate func prolonged(_ now: Moment, by seconds: Int64) -> Credentials {
        let soonest = now + .seconds(15 * 60 + seconds)
        guard let expiration, expiration < soonest else { return self }
        var credentials = self
        credentials.expiration = soonest
        return credentials
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
