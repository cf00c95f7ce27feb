package postgres

import "syscall"

// inside is who the server believes to be in its namespace: anybody but root.
const inside = 1000

// namespace maps that user to us, and nobody else.
func namespace() *syscall.SysProcAttr {
	own := func() []syscall.SysProcIDMap {
		return []syscall.SysProcIDMap{{ContainerID: inside, HostID: 0, Size: 1}}
	}
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: own(),
		GidMappings: own(),
		Credential:  &syscall.Credential{Uid: inside, Gid: inside, NoSetGroups: true},
	}
}
