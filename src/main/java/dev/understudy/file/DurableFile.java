package dev.understudy.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;

/** Replaces files as a whole: whenever the machine fails, the old one or the new one is there. */
public final class DurableFile {
  private DurableFile() {}

  /** Writes a new file beside the path, forces it to the disk, and renames it. */
  public static void replace(Path path, byte[] content) throws IOException {
    Path next = path.resolveSibling(path.getFileName() + ".tmp");
    Files.write(next, content);
    giveToOwnerOfFolder(next);
    replace(path, next);
  }

  /**
   * Gives a file that root has made to the owner of its folder: the service, a user of its own, can
   * replace it after root has run the program by hand. Without that right the file stays as it is.
   */
  public static void giveToOwnerOfFolder(Path path) throws IOException {
    UserPrincipal owner = Files.getOwner(path.resolveSibling("."));
    if (!owner.equals(Files.getOwner(path))) {
      try {
        Files.setOwner(path, owner);
      } catch (IOException e) {
        // Only root may give files away.
      }
    }
  }

  /** Forces a file that was written in the same directory to the disk, and renames it. */
  public static void replace(Path path, Path next) throws IOException {
    try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    forceDirectory(path);
  }

  /**
   * Locks a file until its channel is closed.
   *
   * @throws IOException if another process, or this one, has locked it
   */
  public static void lock(FileChannel channel) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new IOException("another process writes it");
    }
  }

  /** Forces the name of a file that was created or renamed to the disk. */
  public static void forceDirectory(Path path) throws IOException {
    try (FileChannel directory =
        FileChannel.open(path.resolveSibling("."), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
