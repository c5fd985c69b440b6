import BackupCore

/// A token that another identity provider wrote, by which STS gives a role.
struct WebIdentity: Equatable, Sendable {
    var tokenFile: String
    var role: String
    var sessionName: String
    var region: Region

    /// The file is read each time: whoever wrote it renews it.
    func fetch(from sts: STSClient) async throws(CredentialsError) -> Credentials {
        guard let text = fileText(tokenFile), let last = text.lastIndex(where: { !$0.isWhitespace }) else {
            throw CredentialsError(
                "the web identity token file \(tokenFile) \(fileFault(tokenFile).map { "cannot be read: \($0)" } ?? "is empty"); "
                    + "whoever gives this service its identity must write it")
        }
        let request = AssumeRoleWithWebIdentityRequest(
            roleArn: role, roleSessionName: sessionName, webIdentityToken: String(text[...last]))
        do throws(AWSError) {
            return try await sts.assumeRoleWithWebIdentity(request, in: region).credentials.value
        } catch {
            throw CredentialsError("the role \(role) cannot be taken on by the token in \(tokenFile)", error)
        }
    }
}
