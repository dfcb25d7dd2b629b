package dev.understudy.bench.faults;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the application's servers share: one file, to which each appends, in whose order all
 * requests stand. Each server reads what the others have appended before it responds, so a request
 * that stands behind one of a higher epoch is refused, whoever took that. What it responds it
 * appends, too, before it does. No lock is held, so a server that is stopped stops no other.
 */
final class Register implements Closeable {
  private static final int PIECE = 64 * 1024;

  private final FileChannel end;
  private final FileChannel all;
  private final Fence fence = new Fence();
  private final StringBuilder unread = new StringBuilder();

  Register(Path file) throws IOException {
    end = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    all = FileChannel.open(file, StandardOpenOption.READ);
  }

  /** Appends a request; whether it is accepted. */
  synchronized boolean append(Hit hit) throws IOException {
    write(hit);
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    while (true) {
      for (int stop = unread.indexOf("\n"); stop >= 0; stop = unread.indexOf("\n")) {
        Hit next = Hit.of(unread.substring(0, stop));
        unread.delete(0, stop + 1);
        if (next.status() != Hit.UNANSWERED) {
          continue;
        }
        boolean accepted = fence.accepts(next);
        if (next.equals(hit)) {
          return accepted;
        }
      }
      if (all.read(piece.clear()) > 0) {
        unread.append(StandardCharsets.US_ASCII.decode(piece.flip()));
      }
    }
  }

  /** Appends what the server is about to respond to a request that it has appended. */
  void answer(Hit hit, int status) throws IOException {
    write(hit.answered(status));
  }

  private void write(Hit hit) throws IOException {
    end.write(StandardCharsets.US_ASCII.encode(hit.line() + "\n"));
  }

  /** All requests in that file, in the order in which they came, with what was responded. */
  static List<Hit> read(Path file) throws IOException {
    Map<Hit, Hit> hits = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      Hit hit = Hit.of(line);
      hits.put(hit.answered(Hit.UNANSWERED), hit);
    }
    return List.copyOf(hits.values());
  }

  @Override
  public void close() throws IOException {
    end.close();
    all.close();
  }
}
