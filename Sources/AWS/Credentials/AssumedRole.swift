package import BackupCore

extension RenewedCredentials {
    /// A role, taken on with the credentials of any other source at the STS of a region, and again before its session
    /// ends.
    package static func role(
        _ request: AssumeRoleRequest, in region: Region, base: any CredentialSource, settings: AWSSettings,
        transport: any Transport, clock: any WallClock, commons: AWSCommons = AWSCommons()
    ) -> RenewedCredentials {
        let sts = STSClient(
            AWSClient(settings: settings, credentials: base, transport: transport, clock: clock, commons: commons))
        let time = CorrectedClock(local: clock, skew: commons.skew)
        return RenewedCredentials(now: { time.now }) { () async throws(CredentialsError) in
            do throws(AWSError) {
                return try await sts.assumeRole(request, in: region).credentials.value
            } catch {
                let remedy =
                    error.code == "AccessDenied"
                    ? ": the role's trust policy must name this caller\(request.externalId == nil ? "" : ", and this external id"), "
                        + "and the caller must have the right to sts:AssumeRole"
                    : ""
                throw CredentialsError("the role \(request.roleArn) cannot be taken on", error, remedy)
            }
        }
    }
}
