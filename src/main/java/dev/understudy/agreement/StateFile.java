package dev.understudy.agreement;

import dev.understudy.file.BoundedFile;
import dev.understudy.file.DurableFile;
import dev.understudy.pool.PoolId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The file behind {@code understudy.state-file}: JSON, replaced as a whole, so that a reader finds
 * the old state or the new one, never a part.
 */
class StateFile {
  /** A larger file was not written by Understudy. */
  static final int MAX_BYTES = 8 * 1024 * 1024;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path path;

  /**
   * Locked while this process writes the file, which itself is replaced; null while it does not.
   */
  private @Nullable FileChannel lock;

  StateFile(Path path) {
    this.path = path.toAbsolutePath();
  }

  /**
   * Takes the file for this process, by a lock on a file beside it.
   *
   * @throws IOException if another process has it, or it cannot be had
   */
  synchronized void lock() throws IOException {
    if (lock != null) {
      return;
    }
    Path file = path.resolveSibling(path.getFileName() + ".lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      DurableFile.giveToOwnerOfFolder(file);
      DurableFile.lock(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    lock = channel;
  }

  /** Leaves the file to other processes. */
  synchronized void unlock() {
    FileChannel held = lock;
    lock = null;
    if (held != null) {
      try {
        held.close();
      } catch (IOException e) {
        // The lock ends with the process.
      }
    }
  }

  Path path() {
    return path;
  }

  /**
   * What was read.
   *
   * @param unreadable why the state of a pool could not be read, by the pool's name
   * @param later what this version does not know
   */
  record Content(
      Map<PoolId, RememberedPool> memory, Map<String, String> unreadable, LaterFields later) {
    static final Content NONE = new Content(Map.of(), Map.of(), LaterFields.NONE);

    /** Why the first of the {@link #unreadable} could not be read. */
    String why() {
      Map.Entry<String, String> first = unreadable.entrySet().iterator().next();
      return first.getKey() + ": " + first.getValue();
    }
  }

  /**
   * Reads the file, each pool by itself.
   *
   * @param now upper limit of all times in it
   * @return without pools if there is none
   * @throws IOException if it cannot be read or is damaged as a whole, with the reason
   */
  Content read(Instant now) throws IOException {
    byte[] bytes;
    try {
      bytes = BoundedFile.read(path, MAX_BYTES);
    } catch (NoSuchFileException e) {
      return Content.NONE;
    }
    if (bytes.length > MAX_BYTES) {
      throw new IOException("larger than " + MAX_BYTES + " bytes");
    }
    return parse(bytes, now);
  }

  /**
   * Keeps the file as it is beside itself, in the place of one that was kept before.
   *
   * @return null if that failed
   */
  @Nullable Path keepAside() {
    Path aside = path.resolveSibling(path.getFileName() + ".damaged");
    try {
      if (Files.size(path) > MAX_BYTES) {
        Files.move(path, aside, StandardCopyOption.REPLACE_EXISTING);
      } else {
        // The file stays until it is replaced: it may have pools that are in order.
        Files.copy(path, aside, StandardCopyOption.REPLACE_EXISTING);
      }
      return aside;
    } catch (IOException e) {
      return null;
    }
  }

  void write(byte[] bytes) throws IOException {
    DurableFile.replace(path, bytes);
  }

  static byte[] bytes(StateDocument document, LaterFields later) {
    if (later.isEmpty()) {
      return JSON.writeValueAsBytes(document);
    }
    JsonNode tree = tree(document);
    later.addTo((ObjectNode) tree);
    return JSON.writeValueAsBytes(tree);
  }

  /** As a file with it would be read. */
  private static JsonNode tree(StateDocument document) {
    return JSON.readTree(JSON.writeValueAsBytes(document));
  }

  static Content parse(byte[] bytes, Instant now) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(bytes);
    } catch (JacksonException e) {
      throw new IOException(e.getOriginalMessage(), e);
    }
    JsonNode pools = root.path("pools");
    if (!pools.isObject()) {
      throw new IOException("expected an object with \"pools\"");
    }
    if (root.path("version").asInt(0) != StateDocument.VERSION) {
      throw new IOException(
          "expected version %d, found %s"
              .formatted(StateDocument.VERSION, root.path("version").asString("none")));
    }
    Map<PoolId, RememberedPool> memory = new TreeMap<>();
    Map<String, String> unreadable = new TreeMap<>();
    pools.forEachEntry(
        (name, entry) -> {
          try {
            memory.put(new PoolId(name), pool(entry, now));
          } catch (JacksonException e) {
            unreadable.put(name, why(e));
          } catch (RuntimeException e) {
            unreadable.put(name, String.valueOf(e.getMessage()));
          }
        });
    LaterFields later = LaterFields.of(root, tree(StateDocument.of(memory, Duration.ZERO)));
    return new Content(memory, unreadable, later);
  }

  /** The attribute that is wrong, without the names of classes that the library's message has. */
  private static String why(JacksonException wrong) {
    String where =
        wrong.getPath().stream()
            .map(JacksonException.Reference::getPropertyName)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("."));
    return where.isEmpty() ? "expected an object" : "unexpected value of " + where;
  }

  private static RememberedPool pool(JsonNode entry, Instant now) {
    StateDocument.Entry read = JSON.treeToValue(entry, StateDocument.Entry.class);
    if (read == null || read.operatorStates() == null) {
      throw new IllegalArgumentException("expected an object with \"operatorStates\"");
    }
    return StateDocument.memory(read, now);
  }
}
