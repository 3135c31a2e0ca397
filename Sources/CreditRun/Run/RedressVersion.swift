/// The version of this program: the one place where it stands.
package enum RedressVersion {
  package static let current = "0.1.0"
}
