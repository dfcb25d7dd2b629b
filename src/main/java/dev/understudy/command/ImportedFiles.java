package dev.understudy.command;

import dev.understudy.haproxy.HaproxyImport.Imported;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes an import: the dynamic file, static settings and the files that it names. */
final class ImportedFiles {
  private static final String OWNER_ONLY = "rw-------";

  private ImportedFiles() {}

  /**
   * Writes each file whole.
   *
   * @param messages gets the command line that uses them
   */
  static void write(Path output, Imported imported, PrintWriter messages) throws IOException {
    Path parent = output.toAbsolutePath().getParent();
    Path folder = parent == null ? Path.of("/") : parent;
    List<String> kept = new ArrayList<>();
    for (Map.Entry<String, String> extra : imported.extraFiles().entrySet()) {
      keep(folder.resolve(extra.getKey()), extra.getValue(), kept);
      whole(folder.resolve(extra.getKey()), extra.getValue(), extra.getKey().endsWith(".users"));
    }
    String start = "java -jar understudy.jar --understudy.config=" + output;
    if (!imported.settings().isEmpty()) {
      String stem = String.valueOf(output.getFileName()).replaceFirst("\\.ya?ml$", "");
      Path settings = folder.resolve(stem + ".application.yaml");
      String text = settings(imported.settings());
      keep(settings, text, kept);
      whole(settings, text, false);
      start += " --spring.config.additional-location=file:" + settings;
    }
    whole(output, imported.yaml(), false);
    if (!kept.isEmpty()) {
      messages.println("Files that were there are kept as " + String.join(", ", kept));
    }
    messages.println("Written. To run it: " + start);
    messages.println();
  }

  /** Keeps a file that is there with another text, which may be of someone else. */
  private static void keep(Path file, String text, List<String> kept) throws IOException {
    boolean same =
        !Files.exists(file)
            || (Files.size(file) == text.getBytes(StandardCharsets.UTF_8).length
                && Files.readString(file).equals(text));
    if (!same) {
      Path old = file.resolveSibling(file.getFileName() + ".old");
      Files.move(file, old, StandardCopyOption.REPLACE_EXISTING);
      kept.add(String.valueOf(old.getFileName()));
    }
  }

  private static String settings(Map<String, String> settings) {
    StringBuilder text = new StringBuilder("# Static settings that the import needs.\n");
    settings.forEach(
        (name, value) ->
            text.append('"')
                .append(name)
                .append("\": \"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append("\"\n"));
    return text.toString();
  }

  private static void whole(Path file, String text, boolean secret) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    Path temporary =
        Files.createTempFile(
            parent == null ? Path.of("/") : parent,
            ".import",
            null,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
    Files.writeString(temporary, text);
    if (!secret) {
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-r--r--"));
    }
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
