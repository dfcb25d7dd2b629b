package dev.understudy.bench.soak;

import dev.understudy.bench.peer.ProcFs;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.scenario.HttpConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads {@link Vitals} of a running Understudy, from the outside. */
public final class VitalsReader {
  /** JVM options needed by {@link #directBytes}. */
  public static final List<String> OPTIONS = List.of("-XX:NativeMemoryTracking=summary");

  /** Native memory tracking books all buffers outside of the heap here, however allocated. */
  private static final Pattern OTHER =
      Pattern.compile("Other \\(reserved=\\d+KB, committed=(\\d+)KB");

  private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");
  private static final String LISTENING = "0A";
  private static final int STATE = 3;
  private static final int INODE = 9;

  private final UnderstudyJar proxy;

  public VitalsReader(UnderstudyJar proxy) {
    this.proxy = proxy;
  }

  Vitals read() throws IOException, InterruptedException {
    // First what reading itself changes.
    long connections = connections();
    long descriptors = ProcFs.descriptors(proxy.pid());
    long threads = ProcFs.threads(proxy.pid());
    return new Vitals(heapBytes(), directBytes(), connections, descriptors, threads);
  }

  /** Used heap after a full collection. */
  public long heapBytes() throws IOException, InterruptedException {
    jcmd("GC.run");
    return HttpConnection.once(
            proxy.managementPort(), "GET", "/actuator/prometheus", "Connection: close")
        .body()
        .lines()
        .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  /** Memory of buffers outside of the heap. */
  public long directBytes() throws IOException, InterruptedException {
    Matcher other = OTHER.matcher(jcmd("VM.native_memory", "summary"));
    return other.find() ? Long.parseLong(other.group(1)) * 1024 : 0;
  }

  private String jcmd(String... command) throws IOException, InterruptedException {
    List<String> all =
        Stream.concat(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    Long.toString(proxy.pid())),
                Stream.of(command))
            .toList();
    Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", all) + ": " + printed);
    }
    return printed;
  }

  /** Its TCP sockets that do not listen, in any state. */
  long connections() throws IOException {
    Set<String> own = sockets();
    long count = 0;
    for (String table : List.of("tcp", "tcp6")) {
      Path file = Path.of("/proc", Long.toString(proxy.pid()), "net", table);
      count +=
          Files.readAllLines(file).stream()
              .skip(1)
              .map(line -> line.trim().split("\\s+"))
              .filter(row -> !row[STATE].equals(LISTENING) && own.contains(row[INODE]))
              .count();
    }
    return count;
  }

  private Set<String> sockets() throws IOException {
    Set<String> inodes = new HashSet<>();
    try (var files = Files.list(Path.of("/proc", Long.toString(proxy.pid()), "fd"))) {
      for (Path file : files.toList()) {
        try {
          Matcher socket = SOCKET.matcher(Files.readSymbolicLink(file).toString());
          if (socket.matches()) {
            inodes.add(socket.group(1));
          }
        } catch (NoSuchFileException closedMeanwhile) {
          continue;
        }
      }
    }
    return inodes;
  }
}
