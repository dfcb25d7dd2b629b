package dev.understudy.pool;

/** One header line. */
public record Header(String name, String value) {
  /** Leaves out the value, which may be a secret. */
  @Override
  public String toString() {
    return name + ": ***";
  }
}
