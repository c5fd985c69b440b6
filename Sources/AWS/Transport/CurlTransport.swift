import BackupCore
import CCurl
import Glibc

/// HTTP by libcurl: one thread owns the multi handle and every easy handle; requests come through an inbox.
///
/// `@unchecked Sendable`: `inbox` is touched under the lock; everything else belongs to the thread.
package final class CurlTransport: Transport, @unchecked Sendable {
    private let lock = Lock()
    private var inbox: [Command] = []
    private let multi: UnsafeMutableRawPointer
    private let caBundle: String?
    private let limits: CurlLimits

    enum Command {
        case start(CurlTransfer)
        case cancel(CurlTransfer)
    }

    /// `caBundle`: a file of trusted certificates instead of the system's; verification is always on.
    package init(caBundle: String? = nil, limits: CurlLimits = CurlLimits()) throws(TransportError) {
        guard CurlTransport.initialised == CURLE_OK, let multi = curl_multi_init() else {
            throw TransportError(wasNotSent: true, code: "NoHTTP", message: "libcurl cannot be initialised")
        }
        self.multi = multi
        self.caBundle = caBundle
        self.limits = limits
        _ = shim_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, 64)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                context.map { Unmanaged<CurlTransport>.fromOpaque($0).takeRetainedValue().loop() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        guard status == 0 else {
            throw TransportError(wasNotSent: true, code: "NoHTTP", message: "no thread for libcurl")
        }
        pthread_detach(thread)
    }

    /// Once in a process, before anything else of libcurl.
    private static let initialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPReply {
        let transfer = CurlTransfer(request)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.continuation = continuation
                push(.start(transfer))
            }
        } onCancel: {
            // It may run before the transfer was pushed: the flag is read when the start is handled.
            transfer.cancelled.set()
            push(.cancel(transfer))
        }
        return try result.get()
    }

    private func push(_ command: Command) {
        lock.locked { inbox.append(command) }
        _ = curl_multi_wakeup(multi)
    }

    /// The thread's whole life; the process ends with it.
    private func loop() {
        var active: [UnsafeMutableRawPointer: CurlTransfer] = [:]
        var pool: [CurlHandle] = []
        var running: Int32 = 0
        while true {
            for command in lock.locked({ swap(&inbox) }) {
                switch command {
                case .start(let transfer): start(transfer, &active, &pool)
                case .cancel(let transfer): cancel(transfer, &active, &pool)
                }
            }
            _ = curl_multi_perform(multi, &running)
            finishCompleted(&active, &pool)
            _ = curl_multi_poll(multi, nil, 0, 3_600_000, nil)
        }
    }

    private func swap(_ commands: inout [Command]) -> [Command] {
        let taken = commands
        commands = []
        return taken
    }

    private func start(
        _ transfer: CurlTransfer, _ active: inout [UnsafeMutableRawPointer: CurlTransfer], _ pool: inout [CurlHandle]
    ) {
        guard !transfer.cancelled.isSet else { return transfer.finish(.failure(.cancelled)) }
        guard let handle = pool.popLast() ?? CurlHandle() else {
            return transfer.finish(
                .failure(TransportError(wasNotSent: true, code: "NoHTTP", message: "no memory for a request")))
        }
        transfer.handle = handle
        handle.prepare(for: transfer, caBundle: caBundle, limits: limits)
        let status = curl_multi_add_handle(multi, handle.pointer)
        guard status == CURLM_OK else {
            // Nobody would ever finish it.
            let reason = curl_multi_strerror(status).map { String(cString: $0) } ?? "\(status)"
            return transfer.finish(.failure(TransportError(wasNotSent: true, code: "NoHTTP", message: reason)))
        }
        active[handle.pointer] = transfer
    }

    private func cancel(
        _ transfer: CurlTransfer, _ active: inout [UnsafeMutableRawPointer: CurlTransfer], _ pool: inout [CurlHandle]
    ) {
        guard let handle = transfer.handle, active.removeValue(forKey: handle.pointer) != nil else { return }
        release(handle, &pool)
        transfer.finish(.failure(.cancelled))
    }

    private func finishCompleted(
        _ active: inout [UnsafeMutableRawPointer: CurlTransfer], _ pool: inout [CurlHandle]
    ) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let pointer = message.pointee.easy_handle,
                let transfer = active.removeValue(forKey: pointer), let handle = transfer.handle
            else { continue }
            let result = transfer.result(of: shim_message_result(message), handle)
            release(handle, &pool)
            transfer.finish(result)
        }
    }

    /// A reset handle keeps its connections, its names and its TLS sessions.
    private func release(_ handle: CurlHandle, _ pool: inout [CurlHandle]) {
        _ = curl_multi_remove_handle(multi, handle.pointer)
        handle.reset()
        if pool.count < 64 { pool.append(handle) }
    }
}

/// How long a request may take, and how much a reply may hold.
package struct CurlLimits: Sendable {
    package var connectMilliseconds = 10_000
    package var totalMilliseconds = 60_000
    package var bodyBytes = 64 << 20

    package init() {}

    /// `total` is for the whole exchange, its connecting included.
    package init(total: Duration) {
        totalMilliseconds = Int(total.inSeconds) * 1000
        connectMilliseconds = min(connectMilliseconds, totalMilliseconds)
    }
}

extension TransportError {
    static let cancelled = TransportError(
        wasNotSent: false, code: AWSError.cancelled, message: "the request was cancelled")
}
