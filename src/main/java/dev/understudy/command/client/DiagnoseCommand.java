package dev.understudy.command.client;

import dev.understudy.status.ReplicaView;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Writes one file to attach to a report. */
@Command(
    name = "diagnose",
    description = {
      "Writes one ZIP file to attach to a report: pools, events, routes, agreement, configuration"
          + " and metrics; with a token of role operate also threads and settings.",
      "Secrets in settings are masked. The file still names hosts and people: review it before"
          + " you share it."
    },
    exitCodeList = {
      "0:Done; what is missing is named on standard error and in the file's summary.txt.",
      "1:The replica refused the request, or the file cannot be written completely.",
      ClientCommand.USAGE,
      ClientCommand.UNREACHABLE
    })
final class DiagnoseCommand extends ClientCommand {
  private static final String STANDARD_OUTPUT = "-";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description =
          "The file to write, which must not exist; - for standard output. Default:"
              + " understudy-REPLICA-TIME.zip in the current folder.")
  private @Nullable String file;

  @Override
  public Integer call() {
    ManagementApi api = api();
    // Tells at once, and before a file is made, that there is no such replica.
    ReplicaView overview = api.overview();
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    DiagnosticsArchive diagnosis = new DiagnosticsArchive(api);
    List<String> head =
        List.of(
            "Diagnosis of " + overview.replica() + " at " + api.base() + ", " + now,
            overview.counts(),
            "Made by Java " + Runtime.version() + " on " + System.getProperty("os.name"));
    if (STANDARD_OUTPUT.equals(file)) {
      write(diagnosis, head);
    } else {
      write(diagnosis, head, path(overview, now));
    }
    for (String missing : diagnosis.missing()) {
      err().println("understudy: without " + missing);
    }
    return ExitStatus.DONE;
  }

  private Path path(ReplicaView overview, Instant now) {
    String replica = overview.replica().replaceAll("[^A-Za-z0-9._-]", "_");
    return Path.of(file == null ? "understudy-" + replica + "-" + TIME.format(now) + ".zip" : file);
  }

  private void write(DiagnosticsArchive diagnosis, List<String> head) {
    try (OutputStream to = new FileOutputStream(FileDescriptor.out)) {
      diagnosis.write(to, head);
    } catch (IOException e) {
      throw ClientFailure.failed("cannot write the file: " + LocalFile.reason(e));
    }
  }

  private void write(DiagnosticsArchive diagnosis, List<String> head, Path path) {
    try (OutputStream to =
        Channels.newOutputStream(
            Files.newByteChannel(
                path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                ownerOnly()))) {
      diagnosis.write(to, head);
    } catch (FileAlreadyExistsException e) {
      throw ClientFailure.usage(path + ": the file exists already");
    } catch (NoSuchFileException | AccessDeniedException e) {
      throw ClientFailure.usage(path + ": cannot be written: " + LocalFile.reason(e));
    } catch (IOException e) {
      discard(path);
      throw ClientFailure.failed(path + ": cannot be written: " + LocalFile.reason(e));
    }
    out().println(path);
  }

  /** Removes a half-written file. */
  private static void discard(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // It could not be written either, which is reported.
    }
  }

  /** Readable for its owner only, where the file system knows owners. */
  private static FileAttribute<?>[] ownerOnly() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
