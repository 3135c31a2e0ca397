public import ServiceCredits

/// What the rows of a source may refer to, and what all of them are measured by.
public struct SourceReferences {
  /// Every service that has an id, each once.
  public let services: NumberedNames<ServiceSubject>
  /// By number, whether the source has several rows of the service.
  let isDoubled: [Bool]
  /// Ids that several exclusions have; none of these is applied.
  let doubledExclusions: ByteTable
  let asOf: Instant

  enum Service {
    case sound(ServiceNumber)
    case doubled
    case unknown
  }

  @inline(__always)
  func service(_ id: UnsafeRawBufferPointer) -> Service {
    guard let number = services.find(id) else { return .unknown }
    return isDoubled[number.index] ? .doubled : .sound(number)
  }

  func isDoubled(exclusion id: UnsafeRawBufferPointer) -> Bool {
    doubledExclusions.count > 0 && doubledExclusions.find(id) != nil
  }
}
