package dev.understudy.config;

/** The most that one dynamic file may hold. */
final class DynamicFileLimits {
  /** 1 MiB, the maximum size of a Kubernetes ConfigMap. */
  static final int FILE_BYTES = 1024 * 1024;

  /**
   * The size of a file that the dynamic file names. A client that does not read may keep one in
   * memory.
   */
  static final int NAMED_FILE_BYTES = 64 * 1024;

  /** The size of a file of revoked certificates, some 25,000; the largest of all named files. */
  static final int REVOCATION_BYTES = 1024 * 1024;

  /** Files of a folder that the dynamic file names. */
  static final int NAMED_FILES = 1000;

  static final int DEPTH = 32;
  static final int PROBLEMS = 1000;
  static final int POOLS = 1000;
  static final int SERVERS = 100;
  static final int ROUTES = 10_000;
  static final int LISTENERS = 100;

  /** Server names of one listener. */
  static final int SERVER_NAMES = 1000;

  /** Protocols of one listener; a new connection is compared with each. */
  static final int PROTOCOLS = 64;

  /** Files or folders of certificates of one listener. */
  static final int CERTIFICATES = 100;

  static final int ROUTE_PARTS = 64;

  /** Entries of one map of error pages, and different files of all of them. */
  static final int ERROR_PAGES = 100;

  /** Different files of users. */
  static final int USER_FILES = 100;

  private DynamicFileLimits() {}
}
