package dev.understudy;

import java.util.Map;
import java.util.Properties;

/**
 * What Netty reads from system properties with its first buffer, and nowhere else. Those that are
 * set already stay as they are.
 *
 * <ul>
 *   <li>{@code io.netty.allocator.type=pooled}: for large bodies it is cheaper than Netty's
 *       default, {@code adaptive}, by a tenth of all that a request costs.
 *   <li>{@code io.netty.allocator.maxOrder=7}: chunks of 1 MB. Each thread that has buffers keeps
 *       one, and of Netty's own size, 4 MB, they are 15 MB of memory more.
 *   <li>{@code io.netty.leakDetection.samplingInterval=1024}: one buffer in so many is watched for
 *       a leak. Of Netty's own, one in 128, the stack traces are 1 % of all that a request costs.
 * </ul>
 */
final class NettyDefaults {
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "io.netty.allocator.type", "pooled",
          "io.netty.allocator.maxOrder", "7",
          "io.netty.leakDetection.samplingInterval", "1024");

  private NettyDefaults() {}

  /** Has to come before Netty's first buffer. */
  static void set(Properties system) {
    DEFAULTS.forEach(system::putIfAbsent);
  }
}
