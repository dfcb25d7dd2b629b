package dev.understudy.application;

import java.util.Map;
import java.util.Properties;

/**
 * Defaults of system properties that libraries read with their first class. Properties that are set
 * already are kept.
 *
 * <ul>
 *   <li>{@code io.netty.allocator.type=pooled}: for large bodies it saves a tenth of a request's
 *       whole cost over Netty's default, {@code adaptive}.
 *   <li>{@code io.netty.allocator.maxOrder=7}: chunks of 1 MB. Each thread that has buffers keeps
 *       one; with Netty's default of 4 MB they take 15 MB more memory.
 *   <li>{@code io.netty.allocator.cacheTrimIntervalMillis=5000}: a thread's cache gives back
 *       buffers that it did not need for 5 s, as each keeps its chunk. Of what clients that read
 *       nothing have taken, 42 MB more are given back.
 *   <li>{@code io.netty.leakDetection.samplingInterval=1024}: one buffer in 1024 is watched for a
 *       leak. With Netty's default, one in 128, the stack traces take 1 % of a request's whole
 *       cost.
 *   <li>{@code io.netty.jfr.enabled=false}: Netty's events for Java's flight recorder initialize it
 *       with the first buffer, a tenth of a start.
 *   <li>{@code keystore.pkcs12.keyPbeIterationCount=1}: Spring Boot puts each bundle's keys into a
 *       store in memory, which encrypts them under the empty password; it is never written. With
 *       Java's default of 10,000 rounds of a hash, a start with one bundle takes a fifth longer.
 *   <li>{@code org.apache.commons.logging.LogFactory}: the one that Spring's log uses here, which
 *       Commons Logging would find after a search for others.
 *   <li>{@code spring.backgroundpreinitializer.ignore=true}: Spring Boot would initialize
 *       validation and converters beside the start, which needs both cores itself.
 * </ul>
 */
final class LibraryDefaults {
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "io.netty.allocator.type", "pooled",
          "io.netty.allocator.maxOrder", "7",
          "io.netty.allocator.cacheTrimIntervalMillis", "5000",
          "io.netty.leakDetection.samplingInterval", "1024",
          "io.netty.jfr.enabled", "false",
          "keystore.pkcs12.keyPbeIterationCount", "1",
          "org.apache.commons.logging.LogFactory",
              "org.apache.commons.logging.impl.Slf4jLogFactory",
          "spring.backgroundpreinitializer.ignore", "true");

  private LibraryDefaults() {}

  /** Sets the defaults; must precede the libraries' first classes. */
  static void set(Properties system) {
    DEFAULTS.forEach(system::putIfAbsent);
  }
}
