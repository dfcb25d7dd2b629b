package dev.understudy.hook;

import dev.understudy.hook.HookRunner.Outcome;
import dev.understudy.switchover.SwitchFacts.Call;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs one program of the directory of hooks. */
public final class HookCommand {
  /** The most of the output that is kept; all of it is read. */
  private static final int MOST_BYTES = 4096;

  private final @Nullable Path directory;

  HookCommand(@Nullable Path directory) {
    this.directory = directory;
  }

  /**
   * The problem with a program, in words that follow "expected"; null if there is none.
   *
   * @param directory null if none is set
   */
  public static @Nullable String problem(@Nullable Path directory, String name) {
    if (directory == null) {
      return "no command, as understudy.hooks.directory is not set";
    }
    try {
      Path program = directory.resolve(name).toRealPath();
      if (program.startsWith(directory.toRealPath())
          && Files.isRegularFile(program)
          && Files.isExecutable(program)) {
        return null;
      }
    } catch (IOException e) {
      // There is none.
    }
    return "an executable file in " + directory;
  }

  /** Why it cannot be run, for people; empty if it can. */
  String problem(HookInvocation.Command command) {
    String expected = problem(directory, command.program());
    return expected == null ? "" : command.program() + ": expected " + expected;
  }

  /** Runs the program and waits for its end; called on a thread that may block. */
  Outcome run(HookInvocation.Command command, Duration within) {
    String problem = problem(command);
    if (!problem.isEmpty() || directory == null) {
      return new Outcome(Call.REFUSED, problem);
    }
    List<String> line = new ArrayList<>();
    line.add(directory.resolve(command.program()).toAbsolutePath().toString());
    line.addAll(command.arguments());
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().putAll(command.environment());
    Process process;
    try {
      process = builder.start();
      process.getOutputStream().close();
    } catch (IOException e) {
      return new Outcome(Call.REFUSED, HookRunner.shown(String.valueOf(e.getMessage())));
    }
    CompletableFuture<String> output = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> output.complete(read(process.getInputStream())));
    try {
      if (process.waitFor(within.toNanos(), TimeUnit.NANOSECONDS)) {
        return ended(process.exitValue(), text(output));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kill(process);
    return new Outcome(
        Call.UNCERTAIN, "killed after " + within.toMillis() + " ms" + said(text(output)));
  }

  private static Outcome ended(int status, String text) {
    return new Outcome(
        status == 0 ? Call.DONE : Call.REFUSED, "exit status " + status + said(text));
  }

  private static String said(String text) {
    return text.isEmpty() ? "" : ": " + text;
  }

  /** The output so far; a descendant that goes on may keep it open. */
  private static String text(CompletableFuture<String> output) {
    return output.completeOnTimeout("", 200, TimeUnit.MILLISECONDS).join();
  }

  private static void kill(Process process) {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
  }

  private static String read(InputStream output) {
    try (output) {
      byte[] kept = output.readNBytes(MOST_BYTES);
      output.transferTo(OutputStream.nullOutputStream());
      return HookRunner.shown(new String(kept, StandardCharsets.UTF_8));
    } catch (IOException e) {
      return "";
    }
  }
}
