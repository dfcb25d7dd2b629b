package dev.understudy.handover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The end of another process, which may be no child of this one. A process that its parent has not
 * reaped has ended too, which {@link ProcessHandle} does not know.
 */
final class ProcessEnd {
  private static final Executor LATER =
      CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

  private ProcessEnd() {}

  /** Completed once the process with that number has ended; now if there is none. */
  static CompletableFuture<?> of(long pid) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    ProcessHandle.of(pid).ifPresentOrElse(process -> look(process, end), () -> end.complete(null));
    return end;
  }

  private static void look(ProcessHandle process, CompletableFuture<Void> end) {
    if (hasEnded(process)) {
      end.complete(null);
    } else if (!end.isDone()) {
      LATER.execute(() -> look(process, end));
    }
  }

  static boolean hasEnded(ProcessHandle process) {
    return !process.isAlive() || isZombie(process.pid());
  }

  private static boolean isZombie(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
    } catch (IOException e) {
      // Gone meanwhile; the next look will tell.
      return false;
    }
  }
}
