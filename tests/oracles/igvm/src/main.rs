// SPDX-License-Identifier: Apache-2.0
//! igvm-oracle snp|tdx SEED OUT: an IGVM file of random pages, and its digest.
use igvm::{measurement::*, snp_defs::*, *};
use igvm_defs::*;
use zerocopy::FromZeros;
use IgvmDirectiveHeader::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (snp, mut state): (_, u64) = (a[1] == "snp", a[2].parse().unwrap());
    let mut random = |n: u64| -> u64 { // after splitmix64
        state = state.wrapping_add(0x9e3779b97f4a7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
        (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb) % n
    };
    let kind = if snp { IgvmPlatformType::SEV_SNP } else { IgvmPlatformType::TDX };
    let (mut dirs, mut out, mut gpa, compatibility_mask) = (vec![], vec![], 0x1000, 1 << random(32));
    let platform = IgvmPlatformHeader::SupportedPlatform(IGVM_VHS_SUPPORTED_PLATFORM {
        compatibility_mask, highest_vtl: 0, platform_type: kind, platform_version: 1, shared_gpa_boundary: 0 });
    let policy = IgvmInitializationHeader::GuestPolicy { policy: 0x30000, compatibility_mask };
    let page = |gpa, data_type, flags, data| PageData { gpa, compatibility_mask, flags, data_type, data };
    for i in 0..1 + random(40) {
        let data = (0..random(3) * random(4097) / 2).map(|_| random(256) as u8).collect();
        let flags = IgvmPageDataFlags::new().with_unmeasured(random(4) == 0).with_shared(!snp && random(8) == 0);
        dirs.push(page(gpa, IgvmPageDataType::NORMAL, flags, data));
        gpa += 0x1000 * (1 + random(3));
        if random(6) == 0 {
            let (parameter_area_index, number_of_bytes) = (i as u32 + 9, 0x1000 * (1 + random(4)));
            dirs.push(ParameterArea { number_of_bytes, parameter_area_index, initial_data: vec![7; 9] });
            dirs.push(VpCount(IGVM_VHS_PARAMETER { parameter_area_index, byte_offset: 4 }));
            dirs.push(ParameterInsert(IGVM_VHS_PARAMETER_INSERT { gpa, compatibility_mask, parameter_area_index }));
            gpa += number_of_bytes;
        }
    }
    let digest: [u8; 48] = if snp {
        for t in [IgvmPageDataType::SECRETS, IgvmPageDataType::CPUID_DATA, IgvmPageDataType::CPUID_XF] {
            dirs.push(page(gpa + 0x1000 * t.0 as u64, t, IgvmPageDataFlags::new(), vec![]));
        }
        for vp_index in 0..1 + random(4) as u16 {
            let (mut vmsa, seg) = (SevVmsa::new_box_zeroed().unwrap(), SevSelector { selector: 8, attrib: 0xc9b, limit: !0, base: 0 });
            (vmsa.cs, vmsa.rip, vmsa.rdi, vmsa.xcr0) = (seg, random(!0), random(!0), 1);
            (vmsa.efer, vmsa.cr4, vmsa.cr0, vmsa.rflags, vmsa.dr7) = (0x1d00, 0x60, 0x80000031, 2, 0x400);
            (vmsa.mxcsr, vmsa.x87_fcw, vmsa.pat, vmsa.cr3) = (0x1f80, 0x37f, 0x0007040600070406, random(!0));
            vmsa.sev_features.set_snp(true);
            dirs.push(SnpVpContext { gpa: 0xfffffffff000, compatibility_mask, vp_index, vmsa });
        }
        generate_snp_measurement(&[policy.clone()], &dirs, compatibility_mask).unwrap()
    } else {
        generate_tdx_measurement(&dirs, compatibility_mask).unwrap()
    };
    if snp && random(2) == 0 {
        let (key, sig) = (IGVM_VHS_SNP_ID_BLOCK_PUBLIC_KEY::new_zeroed(), IGVM_VHS_SNP_ID_BLOCK_SIGNATURE::new_zeroed());
        dirs.push(SnpIdBlock { compatibility_mask, author_key_enabled: 0, reserved: [0; 3], ld: digest, family_id: [1; 16],
            image_id: [2; 16], version: 1, guest_svn: 3, id_key_algorithm: 1, author_key_algorithm: 0, id_key_signature: sig.into(),
            id_public_key: key.into(), author_key_signature: sig.into(), author_public_key: key.into() });
    }
    IgvmFile::new(IgvmRevision::V1, vec![platform], vec![policy], dirs).unwrap().serialize(&mut out).unwrap();
    std::fs::write(&a[3], out).unwrap();
    println!("{}", digest.iter().map(|b| format!("{b:02x}")).collect::<String>());
}
