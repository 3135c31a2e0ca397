/// The version of this program: the one place where it stands.
public enum RedressVersion {
  public static let current = "0.1.0"
}
