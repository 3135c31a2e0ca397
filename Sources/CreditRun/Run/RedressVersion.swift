/// The version of this program. It is defined only here.
package enum RedressVersion {
  package static let current = "0.1.0"
}
