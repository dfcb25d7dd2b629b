package dev.understudy.command;

import dev.understudy.haproxy.HaproxyImport.Imported;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
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
    for (Map.Entry<String, String> extra : imported.extraFiles().entrySet()) {
      whole(folder.resolve(extra.getKey()), extra.getValue(), extra.getKey().endsWith(".users"));
    }
    String start = "java -jar understudy.jar --understudy.config=" + output;
    if (!imported.settings().isEmpty()) {
      String stem = String.valueOf(output.getFileName()).replaceFirst("\\.ya?ml$", "");
      Path settings = folder.resolve(stem + ".application.yaml");
      whole(settings, settings(imported.settings()), false);
      start += " --spring.config.additional-location=file:" + settings;
    }
    whole(output, imported.yaml(), false);
    messages.println("Written. To run it: " + start);
    messages.println();
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
