package dev.understudy.proxy.cpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the affinity from {@code /proc} instead of {@code sched_getaffinity(2)}, so that no native
 * code is linked where there is nothing to pin; sets it by {@code sched_setaffinity(2)}.
 */
final class LinuxAffinity implements ThreadAffinity {
  private static final Path STATUS = Path.of("/proc/thread-self/status");
  private static final Path ONLINE = Path.of("/sys/devices/system/cpu/online");
  private static final String ALLOWED = "Cpus_allowed_list:";

  private @Nullable SetAffinity call;

  @Override
  public BitSet get() throws CpuPinningException {
    try (var lines = Files.lines(STATUS)) {
      String allowed =
          lines
              .filter(line -> line.startsWith(ALLOWED))
              .findFirst()
              .orElseThrow(() -> new IOException("no " + ALLOWED + " in " + STATUS))
              .substring(ALLOWED.length());
      BitSet cpus = CpuList.parse(allowed);
      // The list may contain every CPU that could ever be added to a virtual machine.
      cpus.and(CpuList.parse(Files.readString(ONLINE)));
      return cpus;
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw new CpuPinningException("the allowed CPUs are not known: " + e);
    }
  }

  @Override
  public void set(BitSet cpus) throws CpuPinningException {
    linked().call(cpus);
  }

  private synchronized SetAffinity linked() throws CpuPinningException {
    if (call == null) {
      call = SetAffinity.link();
    }
    return call;
  }
}
