package dev.understudy.loading;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of a Spring Boot jar are: those of {@code BOOT-INF/classes}, then those of each
 * library in {@code BOOT-INF/lib}, by their names within these. A name may be in several; the first
 * one is found first. In libraries with {@code Multi-Release: true} the newest version for this
 * Java is meant. Safe for any thread.
 *
 * <p>The format is that of PKWARE's APPNOTE 4.3, without its 64-bit sizes.
 */
final class JarIndex {
  private static final String CLASSES = "BOOT-INF/classes/";
  private static final String LIBRARIES = "BOOT-INF/lib/";
  private static final String VERSIONS = "META-INF/versions/";
  private static final String MANIFEST = "META-INF/MANIFEST.MF";
  private static final String IMPLEMENTATION_VERSION = "\nImplementation-Version: ";

  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int MAX_COMMENT = 0xffff;
  private static final int ENTRY_SIGNATURE = 0x02014b50;
  private static final int ENTRY_BYTES = 46;
  private static final int LOCAL_BYTES = 30;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  private static final int FIELDS = 7;
  private static final int HASH = 0;
  private static final int LOCAL = 1;
  private static final int PACKED = 2;
  private static final int UNPACKED = 3;
  private static final int SOURCE = 4;
  private static final int VERSION = 5;
  private static final int SKIPPED = 6;

  private final RandomAccessFile file;

  /** The part of the jar's URL before a name, for the classes and for each library. */
  private final List<String> sources = new ArrayList<>();

  /** The manifests that were read, by source; that of the classes is the jar's own. */
  private final Map<Integer, String> manifests = new ConcurrentHashMap<>();

  /** The number of an entry + 1 by the hash of its name, or the next free place; 0 is free. */
  private int[] table = {};

  /**
   * For each entry: hash of its name, place of its local header, size packed and unpacked; then its
   * source, the version of Java that it is for, and the length of what precedes its name.
   */
  private int[] entries = new int[FIELDS << 15];

  private int size;

  private JarIndex(RandomAccessFile file) {
    this.file = file;
  }

  /**
   * Reads the directories of the jar and of its libraries.
   *
   * @param url the jar's URL within Spring Boot's scheme, such as {@code jar:nested:/a.jar/!}
   * @throws IOException if the file is not laid out as expected
   */
  static JarIndex read(Path jar, String url) throws IOException {
    RandomAccessFile file = new RandomAccessFile(jar.toFile(), "r");
    try {
      JarIndex index = new JarIndex(file);
      index.readAll(url);
      return index;
    } catch (IOException e) {
      file.close();
      throw e;
    } catch (RuntimeException e) {
      file.close();
      throw new IOException("a damaged jar: " + jar, e);
    }
  }

  private void readAll(String url) throws IOException {
    Directory all = directory(0, Math.toIntExact(file.length()));
    sources.add(url + CLASSES + "!/");
    List<Integer> libraries = new ArrayList<>();
    byte[] classes = CLASSES.getBytes(UTF_8);
    byte[] lib = LIBRARIES.getBytes(UTF_8);
    int manifest = -1;
    for (int at = 0; at < all.bytes.length; at = all.next(at)) {
      if (all.startsWith(at, classes)) {
        add(all, at, 0, classes.length, 0);
      } else if (all.name(at).equals(MANIFEST)) {
        manifest = at;
      } else if (all.startsWith(at, lib) && all.name(at).endsWith(".jar")) {
        libraries.add(at);
      }
    }
    if (size == 0 || libraries.isEmpty()) {
      throw new ZipException("no Spring Boot jar");
    }
    for (int at : libraries) {
      if (all.method(at) != STORED) {
        throw new ZipException(all.name(at) + " is compressed");
      }
      sources.add(url + all.name(at) + "!/");
      addLibrary(content(all.localHeader(at)), all.packed(at));
    }
    index();
    if (manifest >= 0) {
      int local = all.localHeader(manifest);
      byte[] text = read(local, all.packed(manifest), all.unpacked(manifest));
      manifests.put(0, "\n" + new String(text, UTF_8));
    }
  }

  private void addLibrary(int begin, int length) throws IOException {
    Directory library = directory(begin, length);
    byte[] versions = VERSIONS.getBytes(UTF_8);
    for (int at = 0; at < library.bytes.length; at = library.next(at)) {
      add(library, at, begin, 0, 0);
      if (library.startsWith(at, versions)) {
        addVersion(library, at, begin);
      }
    }
  }

  private void addVersion(Directory library, int at, int begin) {
    String name = library.name(at);
    int slash = name.indexOf('/', VERSIONS.length());
    if (slash > 0 && slash < name.length() - 1 && !name.startsWith("META-INF/", slash + 1)) {
      String version = name.substring(VERSIONS.length(), slash);
      if (version.matches("[1-9][0-9]{0,2}")
          && Integer.parseInt(version) <= Runtime.version().feature()) {
        add(library, at, begin, slash + 1, Integer.parseInt(version));
      }
    }
  }

  private void add(Directory directory, int at, int begin, int skipped, int version) {
    int field = FIELDS * size;
    if (field == entries.length) {
      entries = Arrays.copyOf(entries, 2 * field);
    }
    entries[field + HASH] = directory.hash(at, skipped);
    entries[field + LOCAL] = begin + directory.localHeader(at);
    entries[field + PACKED] = directory.packed(at);
    entries[field + UNPACKED] = directory.unpacked(at);
    entries[field + SOURCE] = sources.size() - 1;
    entries[field + VERSION] = version;
    entries[field + SKIPPED] = skipped;
    size++;
  }

  /** Makes the table, in the order of the entries, which decides among those of one name. */
  private void index() {
    table = new int[4 * Integer.highestOneBit(size)];
    for (int entry = 0; entry < size; entry++) {
      int place = entries[FIELDS * entry + HASH] & (table.length - 1);
      while (table[place] != 0) {
        place = (place + 1) & (table.length - 1);
      }
      table[place] = entry + 1;
    }
  }

  /** The first file of this name; -1 if there is none. */
  int find(String name) throws IOException {
    List<Integer> found = find(name, 1);
    return found.isEmpty() ? -1 : found.getFirst();
  }

  /** All files of this name, in their order. */
  List<Integer> findAll(String name) throws IOException {
    return find(name, Integer.MAX_VALUE);
  }

  /** At most one of each source: the one for the newest Java. */
  private List<Integer> find(String name, int most) throws IOException {
    List<Integer> found = new ArrayList<>(1);
    byte[] bytes = name.getBytes(UTF_8);
    int hash = hash(bytes, 0, bytes.length);
    int best = -1;
    for (int place = hash & (table.length - 1);
        table[place] != 0;
        place = (place + 1) & (table.length - 1)) {
      int entry = table[place] - 1;
      if (entries[FIELDS * entry + HASH] != hash || !hasName(entry, bytes)) {
        continue;
      }
      if (best >= 0 && field(best, SOURCE) != field(entry, SOURCE)) {
        found.add(best);
        best = -1;
        if (found.size() == most) {
          return found;
        }
      }
      best = better(best, entry);
    }
    if (best >= 0) {
      found.add(best);
    }
    return found;
  }

  private int better(int best, int entry) throws IOException {
    int version = field(entry, VERSION);
    boolean newer = best < 0 || version > field(best, VERSION);
    return newer && (version == 0 || isMultiRelease(field(entry, SOURCE))) ? entry : best;
  }

  private boolean isMultiRelease(int source) throws IOException {
    return manifest(source).contains("\nMulti-Release: true");
  }

  /** The {@code Implementation-Version} of the source that a file is from; null if it has none. */
  @Nullable String version(int entry) throws IOException {
    String manifest = manifest(field(entry, SOURCE));
    int begin = manifest.indexOf(IMPLEMENTATION_VERSION);
    if (begin < 0) {
      return null;
    }
    begin += IMPLEMENTATION_VERSION.length();
    int end = manifest.indexOf('\n', begin);
    return manifest.substring(begin, end < 0 ? manifest.length() : end).strip();
  }

  /** The manifest as text, after an end of line; empty if there is none. */
  private String manifest(int source) throws IOException {
    String known = manifests.get(source);
    if (known != null) {
      return known;
    }
    String read = "";
    for (int manifest : findAll(MANIFEST)) {
      if (field(manifest, SOURCE) == source) {
        read = "\n" + new String(read(manifest), UTF_8);
      }
    }
    manifests.put(source, read);
    return read;
  }

  private int field(int entry, int field) {
    return entries[FIELDS * entry + field];
  }

  private boolean hasName(int entry, byte[] name) throws IOException {
    int begin = LOCAL_BYTES + field(entry, SKIPPED);
    byte[] header = bytes(field(entry, LOCAL), begin + name.length);
    return get16(header, 26) == header.length - LOCAL_BYTES
        && Arrays.equals(header, begin, header.length, name, 0, name.length);
  }

  /** The URL of a file with this name, without the name. */
  String source(int entry) {
    return sources.get(field(entry, SOURCE));
  }

  /** The unpacked size in bytes. */
  int size(int entry) {
    return field(entry, UNPACKED);
  }

  /** Reads a file. */
  byte[] read(int entry) throws IOException {
    return read(field(entry, LOCAL), field(entry, PACKED), field(entry, UNPACKED));
  }

  private byte[] read(int local, int packedSize, int unpackedSize) throws IOException {
    byte[] header = bytes(local, LOCAL_BYTES);
    byte[] packed = bytes(content(local, header), packedSize);
    int method = get16(header, 8);
    if (method == STORED) {
      return packed;
    }
    if (method != DEFLATED) {
      throw new ZipException("compression method " + method);
    }
    byte[] unpacked = new byte[unpackedSize];
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(packed);
      for (int length = 0; length < unpackedSize; ) {
        int more = inflater.inflate(unpacked, length, unpackedSize - length);
        if (more == 0) {
          throw new ZipException("an entry ends early");
        }
        length += more;
      }
      return unpacked;
    } catch (DataFormatException e) {
      throw new ZipException(e.getMessage());
    } finally {
      inflater.end();
    }
  }

  /** The place of the content behind a local header. */
  private int content(int local) throws IOException {
    return content(local, bytes(local, LOCAL_BYTES));
  }

  private static int content(int local, byte[] header) {
    return local + LOCAL_BYTES + get16(header, 26) + get16(header, 28);
  }

  private Directory directory(int begin, int length) throws IOException {
    int tail = Math.min(length, END_BYTES);
    byte[] end = bytes(begin + length - tail, tail);
    int at = 0;
    if (tail < END_BYTES || get32(end, 0) != END_SIGNATURE) {
      tail = Math.min(length, END_BYTES + MAX_COMMENT);
      end = bytes(begin + length - tail, tail);
      at = tail - END_BYTES;
      while (at >= 0 && get32(end, at) != END_SIGNATURE) {
        at--;
      }
      if (at < 0) {
        throw new ZipException("no directory");
      }
    }
    int size = get32(end, at + 12);
    int offset = get32(end, at + 16);
    if (size < 0 || offset < 0) {
      throw new ZipException("64-bit sizes");
    }
    return new Directory(bytes(begin + offset, size));
  }

  /** Reads these bytes. Unlike a channel's, the file is not closed if the thread is interrupted. */
  private byte[] bytes(int at, int length) throws IOException {
    if (at < 0 || length < 0 || length > file.length() - at) {
      throw new ZipException("a damaged directory");
    }
    byte[] read = new byte[length];
    synchronized (file) {
      file.seek(at);
      file.readFully(read);
    }
    return read;
  }

  private static int hash(byte[] bytes, int from, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  private static int get16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) | ((bytes[at + 1] & 0xff) << 8);
  }

  private static int get32(byte[] bytes, int at) {
    return get16(bytes, at) | (get16(bytes, at + 2) << 16);
  }

  /** The central directory of a zip file, read by the places of its headers. */
  private static final class Directory {
    private final byte[] bytes;

    Directory(byte[] bytes) {
      this.bytes = bytes;
    }

    int next(int at) throws ZipException {
      if (get32(bytes, at) != ENTRY_SIGNATURE) {
        throw new ZipException("a damaged directory");
      }
      return at
          + ENTRY_BYTES
          + get16(bytes, at + 28)
          + get16(bytes, at + 30)
          + get16(bytes, at + 32);
    }

    int method(int at) {
      return get16(bytes, at + 10);
    }

    int packed(int at) {
      return get32(bytes, at + 20);
    }

    int unpacked(int at) {
      return get32(bytes, at + 24);
    }

    int localHeader(int at) {
      return get32(bytes, at + 42);
    }

    String name(int at) {
      return new String(bytes, at + ENTRY_BYTES, get16(bytes, at + 28), UTF_8);
    }

    boolean startsWith(int at, byte[] name) {
      int from = at + ENTRY_BYTES;
      return get16(bytes, at + 28) > name.length
          && Arrays.equals(bytes, from, from + name.length, name, 0, name.length);
    }

    int hash(int at, int skip) {
      return JarIndex.hash(bytes, at + ENTRY_BYTES + skip, get16(bytes, at + 28) - skip);
    }
  }
}
