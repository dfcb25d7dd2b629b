package dev.understudy.notification;

import dev.understudy.file.BackgroundWriter;
import dev.understudy.file.BoundedFile;
import dev.understudy.file.DurableFile;
import dev.understudy.file.FileTenure;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file of notifications that wait for each receiver, so that they survive a restart. Bounded,
 * as the queues are.
 */
final class QueueFile {
  private static final Logger log = LoggerFactory.getLogger(QueueFile.class);

  /** Twice what the queues of all receivers may hold. */
  private static final int MOST_BYTES = 64 << 20;

  private final Path file;
  private final BackgroundWriter writer;

  /**
   * @param waiting what waits now, by receiver
   */
  QueueFile(Path file, FileTenure tenure, Supplier<Map<String, List<Notification>>> waiting) {
    this.file = file;
    this.writer =
        new BackgroundWriter(
            "understudy-notifications-file",
            file,
            "the queue of notifications",
            log,
            tenure,
            () -> DurableFile.replace(file, JsonMapper.shared().writeValueAsBytes(waiting.get())));
  }

  /** What waited at the end of the last run; empty if the file cannot be used, which is logged. */
  Map<String, List<Notification>> read() {
    try {
      byte[] bytes = BoundedFile.read(file, MOST_BYTES);
      return JsonMapper.shared().readValue(bytes, new TypeReference<>() {});
    } catch (NoSuchFileException e) {
      return Map.of();
    } catch (IOException | JacksonException e) {
      log.warn("Notifications of the last run are lost: {}: {}", file, BackgroundWriter.why(e));
      return Map.of();
    }
  }

  /** Has the file written soon. */
  void changed() {
    writer.request();
  }

  /** Writes what is left, for 5 s at most. */
  void close() {
    writer.request();
    writer.close(() -> {});
  }
}
