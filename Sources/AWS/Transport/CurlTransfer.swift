import CCurl

/// One request on its way through libcurl's thread.
///
/// `@unchecked Sendable`: set up before it is pushed, then touched by libcurl's thread alone, but for the flag.
final class CurlTransfer: @unchecked Sendable {
    let request: HTTPRequest
    let cancelled = Flag()
    var continuation: CheckedContinuation<Result<HTTPReply, TransportError>, Never>?
    var handle: CurlHandle?
    private var headers: [Header] = []
    private var body: [UInt8] = []
    private var limit = 0
    private var isTooLarge = false

    init(_ request: HTTPRequest) { self.request = request }

    func begin(limit: Int) { self.limit = limit }

    /// Takes over what arrived; false stops the transfer.
    func receive(_ data: UnsafeRawBufferPointer) -> Bool {
        guard body.count + data.count <= limit else {
            isTooLarge = true
            return false
        }
        if body.isEmpty,
            let announced = headers.first(where: { $0.name == "content-length" }).flatMap({ Int($0.value) })
        {
            body.reserveCapacity(max(0, min(announced, limit)))
        }
        body.append(contentsOf: data)
        return true
    }

    func receiveHeader(_ line: String) {
        // A status line begins a new reply, after "100 Continue" for instance.
        if line.hasPrefix("HTTP/") { return headers.removeAll() }
        guard let colon = line.firstIndex(of: ":") else { return }
        // Blanks around a value are not part of it (RFC 9110, section 5.5).
        var value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
        while value.last?.isWhitespace == true { value.removeLast() }
        headers.append(Header(String(line[..<colon]), String(value)))
    }

    func result(of code: CURLcode, _ handle: CurlHandle) -> Result<HTTPReply, TransportError> {
        if code == CURLE_OK { return .success(HTTPReply(status: handle.status, headers: headers, body: body)) }
        if isTooLarge {
            return .failure(
                TransportError(wasNotSent: false, code: "ReplyTooLarge", message: "the reply exceeds \(limit) bytes"))
        }
        return .failure(handle.error(code))
    }

    /// Resumes the one who waits, once.
    func finish(_ result: Result<HTTPReply, TransportError>) {
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: result)
    }
}

/// A flag that one thread sets and another reads.
///
/// `@unchecked Sendable`: under the lock.
final class Flag: @unchecked Sendable {
    private let lock = Lock()
    private var value = false

    var isSet: Bool { lock.locked { value } }
    func set() { lock.locked { value = true } }
}

/// An easy handle and the memory libcurl borrows for its options.
final class CurlHandle {
    let pointer: UnsafeMutableRawPointer
    private var list: UnsafeMutablePointer<curl_slist>?
    private let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(list)
        message.deallocate()
    }

    func reset() {
        curl_easy_reset(pointer)
        curl_slist_free_all(list)
        list = nil
        message[0] = 0
    }

    /// Sets every option of a request (curl_easy_setopt(3)).
    func prepare(for transfer: CurlTransfer, caBundle: String?, limits: CurlLimits) {
        let request = transfer.request
        transfer.begin(limit: limits.bodyBytes)
        set(CURLOPT_URL, request.url)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        set(CURLOPT_PROTOCOLS, Int(CURLPROTO_HTTP | CURLPROTO_HTTPS))
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        if let caBundle { set(CURLOPT_CAINFO, caBundle) }
        let total = request.timeout.map { $0 * 1000 } ?? limits.totalMilliseconds
        set(CURLOPT_CONNECTTIMEOUT_MS, min(total, limits.connectMilliseconds))
        set(CURLOPT_TIMEOUT_MS, total)
        if request.isDirect { set(CURLOPT_NOPROXY, "*") }
        if request.mustNotRepeat {
            set(CURLOPT_FRESH_CONNECT, 1)
            set(CURLOPT_FORBID_REUSE, 1)
        }
        // "Expect: 100-continue" would cost a second on a server that does not answer it.
        for line in request.headers.map({ "\($0.name): \($0.value)" }) + ["Expect:"] {
            list = curl_slist_append(list, line)
        }
        _ = shim_setopt_list(pointer, CURLOPT_HTTPHEADER, list)
        setMethod(of: request)
        _ = shim_setopt_pointer(pointer, CURLOPT_ERRORBUFFER, message)
        let user = Unmanaged.passUnretained(transfer).toOpaque()
        _ = shim_setopt_data(pointer, CURLOPT_WRITEFUNCTION, CurlHandle.onData)
        _ = shim_setopt_pointer(pointer, CURLOPT_WRITEDATA, user)
        _ = shim_setopt_data(pointer, CURLOPT_HEADERFUNCTION, CurlHandle.onHeader)
        _ = shim_setopt_pointer(pointer, CURLOPT_HEADERDATA, user)
    }

    private func setMethod(of request: HTTPRequest) {
        if request.method == .get { return set(CURLOPT_HTTPGET, 1) }
        set(CURLOPT_POST, 1)
        if request.method == .put { set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
        set(CURLOPT_POSTFIELDSIZE, request.body.count)
        request.body.withUnsafeBytes { bytes in
            _ = shim_setopt_pointer(
                pointer, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress ?? emptyBody))
        }
    }

    /// libcurl copies nothing of a body of no bytes, but wants an address.
    private var emptyBody: UnsafeRawPointer { UnsafeRawPointer(message) }

    var status: Int {
        var status = 0
        _ = shim_getinfo_long(pointer, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    /// What went wrong, and whether the request can have reached the server (libcurl-errors(3)).
    ///
    /// The code alone does not tell: libcurl calls a reply that is no HTTP an unsupported protocol, as it calls `ftp:`.
    func error(_ code: CURLcode) -> TransportError {
        let text = String(cString: message)
        let detail = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
        let name = name(of: code)
        let remedy =
            name == TransportError.certificateRefused ? CertificateRemedy.text(for: detail) : DescriptorShortage.text
        return TransportError(wasNotSent: nothingWasSent, code: name, message: detail + remedy)
    }

    private func name(of code: CURLcode) -> String {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: TransportError.nameNotResolved
        case CURLE_COULDNT_CONNECT: "ConnectionRefused"
        case CURLE_SSL_CONNECT_ERROR: "TLSFailure"
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM:
            TransportError.certificateRefused
        case CURLE_URL_MALFORMAT: "BadURL"
        case CURLE_UNSUPPORTED_PROTOCOL: nothingWasSent ? "BadURL" : "UnreadableReply"
        case CURLE_OPERATION_TIMEDOUT: "TimedOut"
        default: "ConnectionLost"
        }
    }

    /// Whether no byte of the request went out (CURLINFO_REQUEST_SIZE(3)).
    private var nothingWasSent: Bool {
        var sent = 0
        return shim_getinfo_long(pointer, CURLINFO_REQUEST_SIZE, &sent) == CURLE_OK && sent == 0
    }

    private func set(_ option: CURLoption, _ value: Int) { _ = shim_setopt_long(pointer, option, value) }
    private func set(_ option: CURLoption, _ value: String) { _ = shim_setopt_string(pointer, option, value) }

    private static let onData: shim_data_callback = { data, size, count, user in
        guard let data, let user else { return 0 }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(user).takeUnretainedValue()
        let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
        return transfer.receive(bytes) ? size * count : 0
    }

    private static let onHeader: shim_data_callback = { data, size, count, user in
        guard let data, let user else { return 0 }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(user).takeUnretainedValue()
        let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
        transfer.receiveHeader(String(decoding: bytes, as: UTF8.self))
        return size * count
    }
}
