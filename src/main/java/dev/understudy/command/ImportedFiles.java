package dev.understudy.command;

import dev.understudy.file.DurableFile;
import dev.understudy.file.Sha256;
import dev.understudy.haproxy.HaproxyImport.Imported;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The files of an import: the dynamic file, and beside it static settings, pages and users. The
 * dynamic file's last line lists the others with the digest of each, so that an import knows which
 * ones it wrote.
 *
 * <ul>
 *   <li>Each file is replaced whole, and keeps its mode and owner. A new one has the mode of
 *       HAProxy's configuration; users are readable by their owner only.
 *   <li>A dynamic file with another text, and any other file that was changed since the import that
 *       wrote it, is first copied to {@code NAME.old}, {@code NAME.old-2} and so on.
 *   <li>A file beside it that this dynamic file does not list belongs to somebody else, and is left
 *       as it is: {@link #isTaken}.
 * </ul>
 */
final class ImportedFiles {
  private static final String LIST = "# Files of this import: ";
  private static final String USERS = ".users";
  private static final int DIGITS = 16;

  private final Path output;
  private final Path folder;

  /** Digests of the files that the import before has written, by name. */
  private final Map<String, String> listed;

  private final Set<PosixFilePermission> newMode;
  private final List<String> kept = new ArrayList<>();

  /**
   * @param configuration HAProxy's
   * @param output the dynamic file; it may exist
   */
  ImportedFiles(Path configuration, Path output) throws IOException {
    this.output = Files.exists(output) ? output.toRealPath() : output.toAbsolutePath();
    Path parent = this.output.getParent();
    folder = parent == null ? Path.of("/") : parent;
    listed = Files.exists(this.output) ? listed(Files.readString(this.output)) : Map.of();
    newMode = EnumSet.copyOf(Files.getPosixFilePermissions(configuration));
    newMode.retainAll(PosixFilePermissions.fromString("rw-rw-r--"));
    newMode.addAll(PosixFilePermissions.fromString("rw-------"));
  }

  private static Map<String, String> listed(String text) {
    return text.lines()
        .filter(line -> line.startsWith(LIST))
        .flatMap(line -> List.of(line.substring(LIST.length()).split(", ")).stream())
        .map(each -> each.split(" ", 2))
        .filter(each -> each.length == 2)
        .collect(Collectors.toMap(each -> each[0], each -> each[1], (one, other) -> other));
  }

  /** Whether a file of that name is there, and is not of this dynamic file. */
  boolean isTaken(String name) {
    return Files.exists(folder.resolve(name), LinkOption.NOFOLLOW_LINKS)
        && !listed.containsKey(name);
  }

  /**
   * Writes them.
   *
   * @param messages gets the command line that uses them
   */
  void write(Imported imported, PrintWriter messages) throws IOException {
    Map<String, String> beside = new LinkedHashMap<>(imported.extraFiles());
    String start = "understudy --understudy.config=" + output;
    if (!imported.settings().isEmpty()) {
      String stem = String.valueOf(output.getFileName()).replaceFirst("\\.ya?ml$", "");
      String name = stem + ".application.yaml";
      beside.put(name, settings(imported.settings()));
      start += " --spring.config.additional-location=file:" + folder.resolve(name);
    }
    for (Map.Entry<String, String> each : beside.entrySet()) {
      replace(folder.resolve(each.getKey()), each.getValue(), false);
    }
    replace(output, imported.yaml() + list(beside), true);
    if (!kept.isEmpty()) {
      messages.println("Files that were there before are kept as " + String.join(", ", kept));
    }
    messages.println("Written. To run it: " + start);
    messages.println();
  }

  private static String list(Map<String, String> beside) {
    return beside.isEmpty()
        ? ""
        : beside.entrySet().stream()
            .map(
                each ->
                    each.getKey() + " " + digest(each.getValue().getBytes(StandardCharsets.UTF_8)))
            .collect(Collectors.joining(", ", "\n" + LIST, "\n"));
  }

  private static String digest(byte[] content) {
    return Sha256.hex(Sha256.of(content), DIGITS);
  }

  private void replace(Path file, String text, boolean keptAlways) throws IOException {
    boolean exists = Files.exists(file);
    if (exists) {
      byte[] before = Files.readAllBytes(file);
      byte[] after = text.getBytes(StandardCharsets.UTF_8);
      if (Arrays.equals(before, after)) {
        return;
      }
      boolean asWritten = digest(before).equals(listed.get(String.valueOf(file.getFileName())));
      if (keptAlways ? !withoutList(before).equals(withoutList(after)) : !asWritten) {
        keep(file);
      }
    }
    Path temporary =
        Files.createTempFile(
            folder,
            ".import",
            null,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(temporary, text);
      if (exists) {
        keepOwnerAndMode(temporary, file);
      } else if (!file.toString().endsWith(USERS)) {
        Files.setPosixFilePermissions(temporary, newMode);
      }
      DurableFile.replace(file, temporary);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static String withoutList(byte[] content) {
    return new String(content, StandardCharsets.ISO_8859_1)
        .lines()
        .filter(line -> !line.startsWith(LIST))
        .collect(Collectors.joining("\n"));
  }

  /** Gives a new file the mode and owner of the one that it replaces. */
  private static void keepOwnerAndMode(Path file, Path before) throws IOException {
    PosixFileAttributes old = Files.readAttributes(before, PosixFileAttributes.class);
    PosixFileAttributes now = Files.readAttributes(file, PosixFileAttributes.class);
    PosixFileAttributeView view =
        Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (!old.owner().equals(now.owner())) {
      view.setOwner(old.owner());
    }
    if (!old.group().equals(now.group())) {
      view.setGroup(old.group());
    }
    view.setPermissions(old.permissions());
  }

  /** Copies a file to the first name that is free; it stays in its place meanwhile. */
  private void keep(Path file) throws IOException {
    String base = file.getFileName() + ".old";
    for (int i = 1; ; i++) {
      Path old = file.resolveSibling(i == 1 ? base : base + "-" + i);
      try {
        Files.copy(file, old, StandardCopyOption.COPY_ATTRIBUTES);
      } catch (FileAlreadyExistsException e) {
        continue;
      }
      kept.add(String.valueOf(old.getFileName()));
      return;
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
}
