package linux

import (
	"slices"
	"strings"
)

// fileSystems are the types that kernels up to 6.18 let be mounted (register_filesystem, below fs/, drivers/ and security/), widely used
// ones that are built apart from the kernel, and "none", which stands where a mount takes no type.
var fileSystems = strings.Fields(`9p adfs affs afs autofs bcachefs befs bfs binder binfmt_misc bpf btrfs ceph cgroup cgroup2 cifs coda
	configfs cpuset cramfs debugfs devpts devtmpfs ecryptfs efivarfs efs erofs exfat ext2 ext3 ext4 f2fs functionfs fuse fuseblk fusectl gadgetfs
	gfs2 gfs2meta hfs hfsplus hostfs hpfs hugetlbfs iso9660 jffs2 jfs minix mqueue msdos nfs nfs4 nfsd nilfs2 ntfs ntfs3 ocfs2 ocfs2_dlmfs omfs
	openpromfs orangefs overlay proc pstore pvfs2 qnx4 qnx6 ramfs reiserfs resctrl romfs rpc_pipefs s390_hypfs securityfs selinuxfs smackfs smb3
	spufs squashfs sysfs sysv tmpfs tracefs ubifs udf ufs v7 vboxsf vfat virtiofs vxfs xenfs xfs zonefs
	aufs beegfs gpfs lustre none prl_fs shiftfs vmhgfs wekafs zfs`)

// FileSystems lists the types of file systems, sorted but for those that are built apart from the kernel.
func FileSystems() []string { return slices.Clone(fileSystems) }

// IsFileSystem reports whether a file system can have a type: a known one, or one of FUSE's with what serves it ("fuse.sshfs").
func IsFileSystem(name string) bool {
	kind, served, dotted := strings.Cut(name, ".")
	if dotted {
		return served != "" && (kind == "fuse" || kind == "fuseblk")
	}
	return slices.Contains(fileSystems, name)
}
