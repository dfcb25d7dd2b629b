package dev.understudy.config;

import dev.understudy.file.BoundedFile;
import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.RevocationLists;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of a listener's TLS, each once, and reports those that cannot be used at the
 * value that names them.
 *
 * <p>As HAProxy's {@code crt}: a file has a certificate, the chain below it and its private key in
 * any order; the key may be in a file beside it, {@code FILE.key} or {@code FILE} with {@code .key}
 * instead of its ending. If there is no file of that name, {@code FILE.rsa} and {@code FILE.ecdsa}
 * are taken. In a folder each file counts, in the order of their names, without those that begin
 * with a dot, are folders, or end with {@code .key}, {@code .ocsp}, {@code .issuer} or {@code
 * .sctl}.
 */
final class CertificateFiles {
  private static final Pattern LIST = Pattern.compile("-----BEGIN [A-Z0-9 ]*CRL-----");
  private static final List<String> VARIANTS = List.of(".rsa", ".ecdsa");
  private static final Set<String> OTHER = Set.of("key", "ocsp", "issuer", "sctl");

  private final NamedFiles.Reader files;
  private final Problems problems;
  private final Map<Path, CertifiedKey> known = new HashMap<>();

  CertificateFiles(NamedFiles.Reader files, Problems problems) {
    this.files = files;
    this.problems = problems;
  }

  /**
   * Returns the keys of a file or a folder; reports a problem of each that cannot be used.
   *
   * @param at the value that names the path
   */
  List<CertifiedKey> keys(Path path, Node at) {
    try {
      return keys(path);
    } catch (PemFile.UnusableException e) {
      problems.wrong(at, e.expected());
      return List.of();
    }
  }

  private List<CertifiedKey> keys(Path path) throws PemFile.UnusableException {
    List<CertifiedKey> keys = new ArrayList<>();
    for (Path each : Files.isDirectory(path) ? inFolder(path) : variants(path)) {
      keys.add(key(each));
    }
    return keys;
  }

  /** The file itself or, if there is none, those of both kinds of keys. */
  private List<Path> variants(Path path) {
    List<Path> found = new ArrayList<>();
    if (Files.notExists(path)) {
      for (String variant : VARIANTS) {
        Path file = beside(path, path.getFileName() + variant);
        if (Files.exists(file)) {
          found.add(file);
        }
      }
    }
    return found.isEmpty() ? List.of(path) : found;
  }

  private List<Path> inFolder(Path folder) throws PemFile.UnusableException {
    List<String> names;
    try {
      names = files.list(folder);
    } catch (IOException e) {
      throw new PemFile.UnusableException("a readable folder (" + BoundedFile.reason(e) + ")");
    }
    if (names.size() > DynamicFileLimits.NAMED_FILES) {
      throw new PemFile.UnusableException(
          "a folder with at most " + DynamicFileLimits.NAMED_FILES + " files");
    }
    List<Path> found = new ArrayList<>();
    for (String name : names) {
      Path file = folder.resolve(name);
      String ending = name.substring(name.lastIndexOf('.') + 1);
      if (!name.startsWith(".") && !OTHER.contains(ending) && !Files.isDirectory(file)) {
        found.add(file);
      }
    }
    if (found.isEmpty()) {
      throw new PemFile.UnusableException("a folder with at least one PEM file");
    }
    return found;
  }

  private CertifiedKey key(Path file) throws PemFile.UnusableException {
    CertifiedKey read = known.get(file);
    if (read == null) {
      PemFile pem = read(file);
      if (!pem.hasKey()) {
        // First what is wrong with the file that was named.
        var unused = pem.certificates();
      }
      read = pem.certified(pem.hasKey() ? pem : keyBeside(file));
      known.put(file, read);
    }
    return read;
  }

  private PemFile keyBeside(Path file) throws PemFile.UnusableException {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    Path appended = beside(file, name + ".key");
    Path replaced = beside(file, (dot > 0 ? name.substring(0, dot) : name) + ".key");
    for (Path each : List.of(appended, replaced)) {
      if (Files.exists(each)) {
        return read(each);
      }
    }
    // Noted as missing, so that the file is read again when they come.
    tryRead(appended);
    tryRead(replaced);
    throw new PemFile.UnusableException(
        "a private key in %s, %s or %s".formatted(file, appended, replaced));
  }

  private static Path beside(Path file, String name) {
    return file.resolveSibling(name);
  }

  private PemFile read(Path file) throws PemFile.UnusableException {
    return new PemFile(file.toString(), content(file));
  }

  private byte[] content(Path file) throws PemFile.UnusableException {
    try {
      return files.read(file);
    } catch (IOException e) {
      throw new PemFile.UnusableException(
          "a readable file (" + file + ": " + BoundedFile.reason(e) + ")");
    }
  }

  private void tryRead(Path file) {
    try {
      files.read(file);
    } catch (IOException e) {
      // Only its absence is noted.
    }
  }

  /**
   * Returns the certificates of a file; reports a problem if there is none.
   *
   * @param at the value that names the path
   */
  List<X509Certificate> authorities(Path path, @Nullable Node at) {
    try {
      return read(path).certificates();
    } catch (PemFile.UnusableException e) {
      if (at != null) {
        problems.wrong(at, e.expected());
      }
      return List.of();
    }
  }

  /**
   * Returns the lists of revoked certificates of a file; reports a problem if there is none.
   *
   * @param at the value that names the path
   */
  RevocationLists revocations(Path path, @Nullable Node at) {
    try {
      byte[] content = content(path);
      if (content.length > DynamicFileLimits.REVOCATION_BYTES) {
        throw new PemFile.UnusableException("a file of at most 1 MB (" + path + ")");
      }
      return new RevocationLists(lists(path, content));
    } catch (PemFile.UnusableException e) {
      if (at != null) {
        problems.wrong(at, e.expected());
      }
      return RevocationLists.NONE;
    }
  }

  private static List<X509CRL> lists(Path path, byte[] content) throws PemFile.UnusableException {
    List<X509CRL> lists = new ArrayList<>();
    try {
      for (CRL each :
          CertificateFactory.getInstance("X.509").generateCRLs(new ByteArrayInputStream(content))) {
        if (!(each instanceof X509CRL list) || list.getNextUpdate() == null) {
          throw new PemFile.UnusableException(
              "lists of revoked certificates that have a next update (" + path + ")");
        }
        lists.add(list);
      }
    } catch (CertificateException | CRLException e) {
      lists.clear();
    }
    long begun = LIST.matcher(new String(content, StandardCharsets.ISO_8859_1)).results().count();
    if (lists.size() != Math.max(1, begun)) {
      throw new PemFile.UnusableException(
          "a PEM or DER file with a list of revoked certificates (" + path + ")");
    }
    return lists;
  }
}
