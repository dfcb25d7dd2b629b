package dev.understudy.admin;

import dev.understudy.text.BuildVersion;
import io.netty.util.Version;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.lang.management.OperatingSystemMXBean;
import java.lang.management.RuntimeMXBean;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.SpringBootVersion;

/**
 * The Java process.
 *
 * @param versions by name: understudy, java, spring-boot, netty, system
 * @param arguments Java's own, without secrets
 * @param processors those that Java may use
 * @param load the system's load average over a minute; negative if unknown
 * @param collections garbage collections and milliseconds spent in them, by collector
 */
record RuntimeDocument(
    Map<String, String> versions,
    long pid,
    long uptimeSeconds,
    List<String> arguments,
    int processors,
    double load,
    Memory heap,
    Memory nonHeap,
    Map<String, List<Long>> collections) {

  /**
   * Bytes.
   *
   * @param max -1 if there is no limit
   */
  record Memory(long used, long committed, long max) {
    static Memory of(MemoryUsage usage) {
      return new Memory(usage.getUsed(), usage.getCommitted(), usage.getMax());
    }
  }

  static RuntimeDocument take(SecretMask secrets) {
    RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    Map<String, List<Long>> collections = new TreeMap<>();
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      collections.put(
          collector.getName(),
          List.of(collector.getCollectionCount(), collector.getCollectionTime()));
    }
    return new RuntimeDocument(
        versions(system),
        runtime.getPid(),
        runtime.getUptime() / 1000,
        runtime.getInputArguments().stream().map(secrets::maskArgument).toList(),
        system.getAvailableProcessors(),
        system.getSystemLoadAverage(),
        Memory.of(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage()),
        Memory.of(ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage()),
        collections);
  }

  private static Map<String, String> versions(OperatingSystemMXBean system) {
    Map<String, String> versions = new TreeMap<>();
    versions.put("understudy", BuildVersion.shown());
    versions.put("java", Runtime.version().toString());
    versions.put("spring-boot", SpringBootVersion.getVersion());
    versions.put("system", system.getName() + " " + system.getVersion() + " " + system.getArch());
    Version netty = Version.identify().get("netty-transport");
    versions.put("netty", netty == null ? "unknown" : netty.artifactVersion());
    return versions;
  }
}
