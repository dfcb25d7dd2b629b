package dev.understudy.bench.faults;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * What the application's servers share: one file, to which each appends, in whose order all
 * requests stand. Each server reads what the others have appended before it responds, so a request
 * that stands behind one of a higher epoch is refused, whoever took that. No lock is held, so a
 * server that is stopped stops no other.
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
    String line = hit.line();
    end.write(StandardCharsets.US_ASCII.encode(line + "\n"));
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    while (true) {
      for (int stop = unread.indexOf("\n"); stop >= 0; stop = unread.indexOf("\n")) {
        String next = unread.substring(0, stop);
        unread.delete(0, stop + 1);
        boolean accepted = fence.accepts(Hit.of(next));
        if (next.equals(line)) {
          return accepted;
        }
      }
      if (all.read(piece.clear()) > 0) {
        unread.append(StandardCharsets.US_ASCII.decode(piece.flip()));
      }
    }
  }

  /** All that stands in that file. */
  static List<Hit> read(Path file) throws IOException {
    return Files.readAllLines(file).stream().map(Hit::of).toList();
  }

  @Override
  public void close() throws IOException {
    end.close();
    all.close();
  }
}
