internal import CLibCurl

/// A request that is sent once.
public struct HTTPRequest: Sendable {
  public var method: String
  public var url: String
  /// Names and values; without line ends.
  public var headers: [(name: String, value: String)]
  /// Sent with any method but GET.
  public var body: [UInt8]

  public init(
    method: String, url: String, headers: [(name: String, value: String)], body: [UInt8] = []
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }
}

public struct HTTPResponse: Sendable {
  public let status: Int
  public let body: [UInt8]
  /// What the server asks to be waited for; `nil` where it does not say, or not in seconds.
  public let retryAfterSeconds: Int?
}

/// Why there is no response. No text holds anything of the request.
public enum HTTPFailure: Error, Hashable, Sendable {
  /// The request cannot have arrived: there was no connection, or its certificate was refused.
  case notSent(String)
  /// The request may have arrived.
  case noAnswer(String)
}

/// Sends requests one after the other, each once and over a connection of its own: a client that sends a request again
/// because a connection that it kept was closed may do a thing twice. Certificates are verified, redirects are not followed.
///
/// A value belongs to one thread.
public struct HTTPClient: ~Copyable {
  private let handle: UnsafeMutableRawPointer
  /// Responses that are larger end with an error.
  static let mostBytes = 16 << 20

  /// - Parameter timeoutMilliseconds: for a whole request; connecting takes at most half of it.
  /// - Throws: `HTTPFailure.notSent` where libcurl has no memory.
  public init(timeoutMilliseconds: Int) throws(HTTPFailure) {
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    guard let handle = curl_easy_init() else { throw .notSent("libcurl has no memory") }
    self.handle = handle
    let options: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_SSL_VERIFYPEER, 1),
      (CURLOPT_SSL_VERIFYHOST, 2), (CURLOPT_FRESH_CONNECT, 1), (CURLOPT_FORBID_REUSE, 1),
      (CURLOPT_TIMEOUT_MS, timeoutMilliseconds),
      (CURLOPT_CONNECTTIMEOUT_MS, max(1, timeoutMilliseconds / 2)),
      (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
    ]
    for (option, value) in options {
      precondition(
        redress_curl_set_long(handle, option, value) == CURLE_OK, "libcurl has the option")
    }
    precondition(
      "http,https".withCString { redress_curl_set_pointer(handle, CURLOPT_PROTOCOLS_STR, $0) }
        == CURLE_OK, "libcurl knows HTTP and HTTPS")
  }

  deinit { curl_easy_cleanup(handle) }

  /// What a response is collected in.
  private final class Collected {
    var body: [UInt8] = []
    var retryAfter: Int?
  }

  public mutating func send(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse {
    let collected = Collected()
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(list) }
    for header in request.headers + [(name: "Expect", value: "")] {
      // A header without a value is left out by a colon alone.
      let line = header.value.isEmpty ? "\(header.name):" : "\(header.name): \(header.value)"
      guard let longer = curl_slist_append(list, line) else {
        throw .notSent("libcurl has no memory")
      }
      list = longer
    }
    let box = Unmanaged.passUnretained(collected)
    let code = perform(request, list, box)
    // A class that nobody else holds must live until libcurl is done.
    return try withExtendedLifetime(collected) { () throws(HTTPFailure) in
      guard code == CURLE_OK else { throw HTTPClient.failure(code) }
      var status = 0
      guard redress_curl_status(handle, &status) == CURLE_OK, status > 0 else {
        throw HTTPFailure.noAnswer("the answer has no status")
      }
      return HTTPResponse(
        status: status, body: collected.body, retryAfterSeconds: collected.retryAfter)
    }
  }

  private func perform(
    _ request: HTTPRequest, _ headers: UnsafeMutablePointer<curl_slist>?,
    _ box: Unmanaged<Collected>
  ) -> CURLcode {
    let isPost = request.method != "GET"
    return request.url.withCString { url in
      request.method.withCString { method in
        request.body.withUnsafeBytes { body in
          let pointers: [(CURLoption, UnsafeRawPointer?)] = [
            (CURLOPT_URL, UnsafeRawPointer(url)), (CURLOPT_CUSTOMREQUEST, UnsafeRawPointer(method)),
            (CURLOPT_HTTPHEADER, UnsafeRawPointer(headers)),
            (CURLOPT_WRITEDATA, UnsafeRawPointer(box.toOpaque())),
            (CURLOPT_HEADERDATA, UnsafeRawPointer(box.toOpaque())),
          ]
          for (option, value) in pointers {
            let code = redress_curl_set_pointer(handle, option, value)
            guard code == CURLE_OK else { return code }
          }
          _ = redress_curl_set_writer(handle, CURLOPT_WRITEFUNCTION, HTTPClient.collectBody)
          _ = redress_curl_set_writer(handle, CURLOPT_HEADERFUNCTION, HTTPClient.collectHeader)
          _ = redress_curl_set_long(handle, isPost ? CURLOPT_POST : CURLOPT_HTTPGET, 1)
          if isPost {
            _ = redress_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.count)
            _ = redress_curl_set_pointer(
              handle, CURLOPT_POSTFIELDS, body.baseAddress ?? UnsafeRawPointer(method))
          }
          return curl_easy_perform(handle)
        }
      }
    }
  }

  private static let collectBody: redress_curl_writer = { bytes, size, count, context in
    guard let bytes, let context else { return 0 }
    let collected = Unmanaged<Collected>.fromOpaque(context).takeUnretainedValue()
    guard collected.body.count + size * count <= HTTPClient.mostBytes else { return 0 }
    collected.body += UnsafeRawBufferPointer(start: bytes, count: size * count)
    return size * count
  }

  private static let collectHeader: redress_curl_writer = { bytes, size, count, context in
    guard let bytes, let context else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    let parts = String(decoding: line, as: UTF8.self).split(separator: ":", maxSplits: 1)
    if parts.count == 2, parts[0].lowercased() == "retry-after" {
      let value = parts[1].filter { $0 != " " && !$0.isNewline }
      Unmanaged<Collected>.fromOpaque(context).takeUnretainedValue().retryAfter = Int(value)
    }
    return size * count
  }

  private static func failure(_ code: CURLcode) -> HTTPFailure {
    let text = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
      CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_SSL_CONNECT_ERROR,
      CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_OUT_OF_MEMORY:
      return .notSent(text)
    default: return .noAnswer(text)
    }
  }
}
