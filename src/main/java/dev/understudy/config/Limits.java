package dev.understudy.config;

/** How much one file may ask for. */
final class Limits {
  /** As much as Kubernetes lets a ConfigMap hold. */
  static final int FILE_BYTES = 1024 * 1024;

  static final int SECRET_FILE_BYTES = 64 * 1024;

  /** Values once aliases are followed: far more than 10,000 routes have. */
  static final int NODES = 500_000;

  static final int DEPTH = 32;
  static final int PROBLEMS = 1000;
  static final int POOLS = 1000;
  static final int SERVERS = 100;
  static final int ROUTES = 10_000;
  static final int ROUTE_PARTS = 64;

  private Limits() {}
}
