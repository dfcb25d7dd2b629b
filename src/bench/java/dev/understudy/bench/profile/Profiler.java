package dev.understudy.bench.profile;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Profiles other JVMs with async-profiler, whose library comes from its jar on the class path.
 *
 * <p>The formats follow from the file's name, as async-profiler says: {@code .html} a flame graph,
 * {@code .collapsed} a line for each stack, {@code .txt} the hottest methods.
 */
public final class Profiler {
  /** JVM options for profiles that are not biased towards safepoints. */
  public static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+EnableDynamicAgentLoading",
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:+DebugNonSafepoints");

  private final Path library;
  private final String event;

  private Profiler(Path library, String event) {
    this.library = library;
    this.event = event;
  }

  /**
   * Unpacks the library into a folder.
   *
   * @param event such as {@code cpu}, {@code alloc}, {@code lock}, {@code wall}
   */
  public static Profiler unpack(Path folder, String event) throws IOException {
    String platform = System.getProperty("os.arch").equals("aarch64") ? "linux-arm64" : "linux-x64";
    String name = platform + "/libasyncProfiler.so";
    try (InputStream in = ClassLoader.getSystemResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name);
      }
      Path library = folder.resolve("libasyncProfiler.so").toAbsolutePath();
      Files.copy(in, library, StandardCopyOption.REPLACE_EXISTING);
      return new Profiler(library, event);
    }
  }

  /** Begins, or begins anew. */
  public void start(long pid) throws IOException {
    command(pid, "start,event=" + event);
  }

  /** Ends and writes one file after another. */
  public void stop(long pid, List<Path> files) throws IOException {
    command(pid, "stop");
    for (Path file : files) {
      command(pid, "dump,file=" + file.toAbsolutePath() + format(file));
    }
  }

  private static String format(Path file) {
    return file.toString().endsWith(".txt") ? ",flat=60,traces=30" : "";
  }

  private void command(long pid, String command) throws IOException {
    try {
      VirtualMachine jvm = VirtualMachine.attach(Long.toString(pid));
      try {
        jvm.loadAgentPath(library.toString(), command);
      } finally {
        jvm.detach();
      }
    } catch (AttachNotSupportedException | AgentLoadException | AgentInitializationException e) {
      throw new IOException("async-profiler refused: " + command, e);
    }
  }
}
