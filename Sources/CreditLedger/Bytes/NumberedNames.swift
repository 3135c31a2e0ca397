public import ServiceCredits

/// The ids or names of one kind of subject, by the numbers that the calculation uses.
///
/// A `ByteTable` whose numbers have a type. Copies share the table.
@frozen
public struct NumberedNames<Subject> {
  @usableFromInline let table: ByteTable

  @inlinable
  public init() { table = ByteTable() }

  /// - Parameter names: each gets the number of its position. They must be different.
  @inlinable
  public init(_ names: some Sequence<[UInt8]>) { table = ByteTable(names) }

  @inlinable
  public var count: Int { table.count }

  /// The bytes of a name, valid until the next insertion.
  @inlinable
  public subscript(_ number: ListNumber<Subject>) -> UnsafeRawBufferPointer { table[number.index] }

  @inlinable
  public func text(_ number: ListNumber<Subject>) -> String { table.text(number.index) }

  /// In the order of their numbers.
  @inlinable
  public var texts: [String] { (0..<count).map { table.text($0) } }

  /// `nil` for a name that is not there.
  @inlinable
  public func find(_ name: UnsafeRawBufferPointer) -> ListNumber<Subject>? {
    table.find(name).map { ListNumber($0) }
  }

  /// `nil` for a name that is not there.
  @inlinable
  public func find(_ name: [UInt8]) -> ListNumber<Subject>? {
    name.withUnsafeBytes { find($0) }
  }

  /// The number of `name`, which is added if it is new.
  @inlinable
  public func insert(_ name: UnsafeRawBufferPointer) -> ListNumber<Subject> {
    ListNumber(table.insert(name))
  }

  /// The number of `name`, which is added if it is new.
  @inlinable
  public func insert(_ name: [UInt8]) -> ListNumber<Subject> {
    name.withUnsafeBytes { insert($0) }
  }
}
