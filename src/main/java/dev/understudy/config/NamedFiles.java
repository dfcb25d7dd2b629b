package dev.understudy.config;

import dev.understudy.file.BoundedFile;
import dev.understudy.file.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files that a dynamic file takes content from, and folders of such files, each with the digest
 * of what was read of it, by which a later change is noticed even if it happens while the dynamic
 * file is being read.
 *
 * @param digests see {@link Fingerprint#digest}; {@link #RESTLESS} of a file that changed while it
 *     was read several times
 */
public record NamedFiles(Map<Path, String> digests) {
  public static final NamedFiles NONE = new NamedFiles(Map.of());

  /** Equals no digest. */
  private static final String RESTLESS = "restless";

  public NamedFiles {
    digests = Map.copyOf(digests);
  }

  public Set<Path> paths() {
    return digests.keySet();
  }

  /** The same files as they are now. */
  NamedFiles now() {
    Reader reader = new Reader(Path.of(""));
    for (Path file : paths()) {
      try {
        if (Files.isDirectory(file)) {
          reader.list(file);
        } else {
          reader.read(file);
        }
      } catch (IOException e) {
        // Counts as unreadable.
      }
    }
    return reader.files();
  }

  /** SHA-256 in hexadecimal digits; empty if there is no content. */
  static String digest(byte @Nullable [] content) {
    return content == null ? "" : HexFormat.of().formatHex(Sha256.of(content));
  }

  /** Paths only: digests of short secrets could be guessed. */
  @Override
  public String toString() {
    return "NamedFiles" + paths();
  }

  private enum Fault {
    PATH,
    UNREADABLE,
    TOO_LARGE,
    ENCODING
  }

  /** A file that cannot be read as a text; says what was expected. */
  static final class UnusableTextException extends Exception {
    private static final long serialVersionUID = 1;
    private final Fault fault;

    private UnusableTextException(Fault fault, String reason) {
      super(reason);
      this.fault = fault;
    }

    /**
     * The expectation with its reason, in words that follow "expected".
     *
     * @param file what the file is, such as {@code file of users}
     */
    String expected(String file) {
      return switch (fault) {
        case PATH -> "the path of a " + file;
        case UNREADABLE -> "a readable " + file + " (" + getMessage() + ")";
        case TOO_LARGE -> "a " + file + " of at most 64 KB";
        case ENCODING -> "a " + file + " in UTF-8";
      };
    }

    /** The expectation with the file's name, in words that follow "expected". */
    String expectedAt(String name) {
      return switch (fault) {
        case PATH, UNREADABLE -> "a readable file at " + name;
        case TOO_LARGE -> "a file of at most 64 KB at " + name;
        case ENCODING -> "UTF-8 in the file " + name;
      };
    }
  }

  /** Reads files for one load of the dynamic file. */
  static final class Reader {
    private final Path directory;
    private final Map<Path, String> digests = new LinkedHashMap<>();

    /**
     * @param directory the directory of the dynamic file
     */
    Reader(Path directory) {
      this.directory = directory;
    }

    /** The path of a file of that name, which is relative to the directory. */
    Path path(String name) {
      return directory.resolve(name);
    }

    /** Reads a file of that name as a text in UTF-8. */
    String text(String name) throws UnusableTextException {
      byte[] content;
      try {
        content = read(path(name));
      } catch (InvalidPathException e) {
        throw new UnusableTextException(Fault.PATH, "");
      } catch (IOException e) {
        throw new UnusableTextException(Fault.UNREADABLE, BoundedFile.reason(e));
      }
      if (content.length > DynamicFileLimits.NAMED_FILE_BYTES) {
        throw new UnusableTextException(Fault.TOO_LARGE, "");
      }
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
      } catch (CharacterCodingException e) {
        throw new UnusableTextException(Fault.ENCODING, "");
      }
    }

    /**
     * Reads a file, or one byte more than {@link DynamicFileLimits#REVOCATION_BYTES} of a larger
     * one. What most files may have is less.
     */
    byte[] read(Path file) throws IOException {
      byte[] content = null;
      try {
        content = BoundedFile.read(file, DynamicFileLimits.REVOCATION_BYTES);
        return content;
      } finally {
        note(file, content);
      }
    }

    /**
     * Lists the names in a folder in their order, or one more than {@link
     * DynamicFileLimits#NAMED_FILES} of a larger one.
     */
    List<String> list(Path folder) throws IOException {
      byte[] content = null;
      try (Stream<Path> files = Files.list(folder)) {
        List<String> names =
            files
                .map(file -> file.getFileName().toString())
                .limit(DynamicFileLimits.NAMED_FILES + 1)
                .sorted()
                .toList();
        content = String.join("/", names).getBytes(StandardCharsets.UTF_8);
        return names;
      } catch (UncheckedIOException e) {
        throw e.getCause();
      } finally {
        note(folder, content);
      }
    }

    private void note(Path file, byte @Nullable [] content) {
      digests.merge(file, digest(content), (one, other) -> one.equals(other) ? one : RESTLESS);
    }

    /** The files and folders asked for so far, whether or not they could be read. */
    NamedFiles files() {
      return new NamedFiles(digests);
    }
  }
}
