import BackupCore

/// Where the credentials are to come from: what the chain decided, with all that is needed to fetch them.
///
/// Two equal ones give the same credentials, so that fetched ones are kept as long as the files say the same.
indirect enum CredentialOrigin: Equatable, Sendable {
    case given(Credentials, place: String)
    case role(AssumeRoleRequest, region: Region, base: CredentialOrigin)
    case webIdentity(WebIdentity)
    case process(CredentialProcess)
    case container(ContainerEndpoint)
    /// `lookedIn` had none: what is left is to ask the machine.
    case instance(InstanceMetadata, lookedIn: String)
}
